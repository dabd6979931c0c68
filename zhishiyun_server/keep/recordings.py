"""Recordings: one evidence log each, by the computer or by a phone (decision 0040).

The computer's recording is called like its attempt; a phone's `<attempt>-p<n>`, n from 1 on.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, String, bindparam, func, select

from zhishiyun_protocol.evidence.layout import Source
from zhishiyun_server.keep.tables import attempts, candidates, recordings

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Recording:
    """What is fixed about one recording.

    device_key: signs its heads; of the computer the one that the candidate is enrolled with
    begun_us:   from when chunks are taken: the entry, or a phone's binding
    """

    id: str
    attempt_id: str
    source: Source
    evidence_key: bytes
    device_key: str
    begun_us: int | None
    sealed: bool


_QUESTION = (
    select(recordings, candidates.c.device_key.label("enrolled_key"))
    .join(attempts, attempts.c.id == recordings.c.attempt_id)
    .join(candidates, candidates.c.ticket_id == attempts.c.ticket_id)
)
_ONE = _QUESTION.where(recordings.c.id == bindparam("which", type_=String))  # built once


def recording_of(connection: Connection, recording_id: str) -> Recording | None:
    """One recording; None where there is none of that name."""
    row = connection.execute(_ONE, {"which": recording_id}).first()
    return None if row is None else _recording(row)


def recording_by(connection: Connection, recording_id: str) -> Recording:
    """The same where it must be there."""
    found = recording_of(connection, recording_id)
    if found is None:
        raise LookupError(recording_id)
    return found


def recordings_of(connection: Connection, attempt_id: str) -> list[Recording]:
    """All recordings of an attempt: the computer's first, then the phones' as they were bound."""
    found = [
        _recording(row)
        for row in connection.execute(_QUESTION.where(recordings.c.attempt_id == attempt_id))
    ]
    return sorted(found, key=lambda each: (len(each.id), each.id))


def add_computers(connection: Connection, attempt_id: str) -> None:
    """The recording that the candidate's computer will make; it begins with the entry."""
    _add(connection, attempt_id, attempt_id, Source.COMPUTER, "", None)


def begin_computers(connection: Connection, attempt_id: str, now_us: int) -> None:
    """The candidate has entered: chunks are taken."""
    connection.execute(
        recordings.update()
        .where(recordings.c.id == attempt_id, recordings.c.begun_us.is_(None))
        .values(begun_us=now_us)
    )


def add_phones(connection: Connection, attempt_id: str, device_key: str, now_us: int) -> str:
    """The next recording by a phone, begun; returns its name."""
    count = connection.execute(
        select(func.count())
        .select_from(recordings)
        .where(recordings.c.attempt_id == attempt_id, recordings.c.source == Source.PHONE.value)
    ).scalar_one()
    recording_id = f"{attempt_id}-p{count + 1}"
    _add(connection, recording_id, attempt_id, Source.PHONE, device_key, now_us)
    return recording_id


def _add(
    connection: Connection,
    recording_id: str,
    attempt_id: str,
    source: Source,
    device_key: str,
    begun_us: int | None,
) -> None:
    connection.execute(
        recordings.insert().values(
            id=recording_id,
            attempt_id=attempt_id,
            source=source.value,
            evidence_key=secrets.token_bytes(KEY_BYTES),
            device_key=device_key,
            begun_us=begun_us,
        )
    )


def _recording(row: Row[Any]) -> Recording:
    return Recording(
        id=row.id,
        attempt_id=row.attempt_id,
        source=Source(row.source),
        evidence_key=row.evidence_key,
        device_key=row.device_key or row.enrolled_key,
        begun_us=row.begun_us,
        sealed=row.receipt is not None,
    )
