"""Whose time is over, and taking out of the tables what was kept of a person (R226, PIPL 19, 47).

The time is the plan's (`retention.recordings_days` after the exam's end, as the notice says), or,
once the exam has ended, the day on which staff granted a candidate's request for deletion.
What stays is about the exam, not the person: acts and their times, receipts, the audit chain.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, Table, select

from zhishiyun_protocol.messages.personal_data import DataAnswer, DataWish
from zhishiyun_server.domain.doors import exam_ends_us
from zhishiyun_server.keep.audit import note
from zhishiyun_server.keep.database import overwrite_freed
from zhishiyun_server.keep.exams import plan_of
from zhishiyun_server.keep.recordings import recordings_of
from zhishiyun_server.keep.tables import (
    attempts,
    bindings,
    candidates,
    chunks,
    contacts,
    data_requests,
    deletions,
    exams,
    findings,
    heads,
    help_lines,
    holds,
    logins,
    news,
    phones,
    recordings,
    sessions,
    wanted,
)

DAY_US = 86_400_000_000
RETENTION, REQUEST = "retention", "request"
OF_ATTEMPT: tuple[Table, ...] = (
    bindings,
    contacts,
    findings,
    help_lines,
    news,
    phones,
    sessions,
)
"""Rows that are nothing but a person's, or keys to a recording that is gone."""

OF_RECORDING: tuple[Table, ...] = (heads, wanted)
"""The same of every recording."""


@dataclass(frozen=True, slots=True)
class Due:
    """Somebody whose data are to go; `attempt_id` is empty for who never logged in."""

    ticket_id: str
    attempt_id: str
    exam_id: str
    why: str


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """An exam and the instant from which its recordings may not be kept any longer."""

    exam_id: str
    ends_us: int
    expires_us: int


def planned(connection: Connection) -> tuple[Planned, ...]:
    """When each exam's data expire, the first to expire on top."""
    found = []
    for row in connection.execute(select(exams)):
        plan = plan_of(row.plan)
        ends_us = exam_ends_us(plan, row.starts_us)
        expires_us = ends_us + plan.retention.recordings_days * DAY_US
        found.append(Planned(exam_id=row.id, ends_us=ends_us, expires_us=expires_us))
    return tuple(sorted(found, key=lambda each: each.expires_us))


def due(connection: Connection, now_us: int) -> tuple[Due, ...]:
    """Everybody whose time is over and whom nobody holds; also who was left half deleted."""
    asked = _granted(connection)
    times = {each.exam_id: each for each in planned(connection)}
    rows = connection.execute(
        select(candidates.c.ticket_id, candidates.c.exam_id, attempts.c.id, deletions.c.done_us)
        .outerjoin(attempts, attempts.c.ticket_id == candidates.c.ticket_id)
        .outerjoin(holds, holds.c.ticket_id == candidates.c.ticket_id)
        .outerjoin(deletions, deletions.c.ticket_id == candidates.c.ticket_id)
        .where(holds.c.ticket_id.is_(None), deletions.c.done_us.is_(None))
        .order_by(candidates.c.ticket_id)
    )
    found = []
    for row in rows:
        time = times[row.exam_id]
        if now_us >= time.expires_us:
            found.append(Due(row.ticket_id, row.id or "", row.exam_id, RETENTION))
        elif row.id in asked and now_us >= time.ends_us:
            found.append(Due(row.ticket_id, row.id, row.exam_id, REQUEST))
    return tuple(found)


def blank(connection: Connection, whom: Due, now_us: int) -> None:
    """Take the person out of the tables; the key goes first, so that no copy can be opened.

    What lies in files is named in `deletions` until it is gone: a server that is killed in
    between goes on with it.
    """
    overwrite_freed(connection)
    known = connection.execute(
        select(deletions.c.ticket_id).where(deletions.c.ticket_id == whom.ticket_id)
    ).first()
    if known is None:
        photos = sorted(_photos(connection, whom.ticket_id))
        connection.execute(
            deletions.insert().values(
                ticket_id=whom.ticket_id,
                why=whom.why,
                begun_us=now_us,
                photos=msgspec.json.encode(photos).decode(),
            )
        )
    connection.execute(
        candidates.update()
        .where(candidates.c.ticket_id == whom.ticket_id)
        .values(name="", id_number="", phone="", photo_sha256="", id_photo_sha256="", device_key="")
    )
    if whom.attempt_id:
        _blank_attempt(connection, whom.attempt_id)
    connection.execute(
        logins.update()
        .where(logins.c.ticket_id == whom.ticket_id)
        .values(live_photo_sha256="", reason="")
    )


def photos_left(connection: Connection, ticket_id: str) -> tuple[str, ...]:
    """Digests of this person's photos that nobody else's row names."""
    row = connection.execute(
        select(deletions.c.photos).where(deletions.c.ticket_id == ticket_id)
    ).one()
    own = set(msgspec.json.decode(row.photos, type=list[str]))
    return tuple(sorted(own - _photos_of_others(connection, own)))


def finish(connection: Connection, whom: Due, certificate: str, now_us: int) -> bool:
    """The files are gone as well: forget what they were, keep the certificate.

    False: another process was at it too, and its word is kept.
    """
    for recording in recordings_of(connection, whom.attempt_id):
        connection.execute(chunks.delete().where(chunks.c.recording_id == recording.id))
    is_ours = connection.execute(
        deletions.update()
        .where(deletions.c.ticket_id == whom.ticket_id, deletions.c.done_us.is_(None))
        .values(done_us=now_us, photos="[]", certificate=certificate)
    ).rowcount
    if not is_ours:
        return False
    note(connection, now_us, f"data.deleted.{whom.why}", whom.attempt_id or whom.ticket_id)
    return True


def _blank_attempt(connection: Connection, attempt_id: str) -> None:
    connection.execute(
        recordings.update().where(recordings.c.attempt_id == attempt_id).values(evidence_key=b"")
    )
    for recording in recordings_of(connection, attempt_id):
        for table in OF_RECORDING:
            connection.execute(table.delete().where(table.c.recording_id == recording.id))
    for table in OF_ATTEMPT:
        connection.execute(table.delete().where(table.c.attempt_id == attempt_id))
    connection.execute(
        data_requests.update().where(data_requests.c.attempt_id == attempt_id).values(words="")
    )


def _granted(connection: Connection) -> set[str]:
    return set(
        connection.execute(
            select(data_requests.c.attempt_id).where(
                data_requests.c.wish == DataWish.DELETION.value,
                data_requests.c.answer == DataAnswer.GRANTED.value,
            )
        ).scalars()
    )


def _photos(connection: Connection, ticket_id: str) -> set[str]:
    row = connection.execute(
        select(candidates.c.photo_sha256, candidates.c.id_photo_sha256).where(
            candidates.c.ticket_id == ticket_id
        )
    ).one()
    lives = connection.execute(
        select(logins.c.live_photo_sha256).where(logins.c.ticket_id == ticket_id)
    ).scalars()
    return {row.photo_sha256, row.id_photo_sha256, *lives} - {""}


def _photos_of_others(connection: Connection, digests: Iterable[str]) -> set[str]:
    """Those that another row still names; the own rows are blank by now."""
    wanted_ = tuple(digests)
    named: set[str] = set()
    for column in (
        candidates.c.photo_sha256,
        candidates.c.id_photo_sha256,
        logins.c.live_photo_sha256,
    ):
        named |= set(connection.execute(select(column).where(column.in_(wanted_))).scalars())
    return named
