"""What staff and the server did, each row chained to the one before by its hash (R204, R254)."""

from __future__ import annotations

import hashlib

import msgspec
from sqlalchemy import Connection, select

from zhishiyun_protocol.signing import canonical_json
from zhishiyun_server.keep.tables import alarms, audit, recordings

FIRST = "0" * 64


class AuditRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row; `digest` is SHA-256 over the canonical JSON of the others."""

    at_us: int
    who: str
    role: str
    what: str
    subject: str
    detail: str
    previous: str
    digest: str = ""


def note(
    connection: Connection,
    at_us: int,
    what: str,
    subject: str,
    detail: str = "",
    *,
    who: str = "server",
    role: str = "",
) -> None:
    """Append one row; no names, numbers or texts of candidates belong in it."""
    last = connection.execute(select(audit.c.digest).order_by(audit.c.id.desc()).limit(1)).first()
    row = AuditRow(
        at_us=at_us,
        who=who,
        role=role,
        what=what,
        subject=subject,
        detail=detail,
        previous=FIRST if last is None else last.digest,
    )
    row = msgspec.structs.replace(row, digest=digest_of(row))
    connection.execute(audit.insert().values(**msgspec.structs.asdict(row)))


def digest_of(row: AuditRow) -> str:
    """The row's own link in the chain."""
    return hashlib.sha256(canonical_json(msgspec.structs.replace(row, digest=""))).hexdigest()


def rows(connection: Connection) -> list[AuditRow]:
    """Everything, oldest first."""
    found = connection.execute(select(audit).order_by(audit.c.id))
    return [
        AuditRow(**{name: row._mapping[name] for name in AuditRow.__struct_fields__})
        for row in found
    ]


def first_break(chain: list[AuditRow]) -> int | None:
    """Index of the first row that does not follow; None when the chain is whole."""
    previous = FIRST
    for index, row in enumerate(chain):
        if row.previous != previous or row.digest != digest_of(row):
            return index
        previous = row.digest
    return None


def alarm(connection: Connection, at_us: int, recording_id: str, code: str, detail: str) -> None:
    """Something about a recording needs a person; told once per code.

    recording_id: or an attempt's, which is the name of its computer's recording.
    """
    known = connection.execute(
        select(alarms.c.id).where(alarms.c.recording_id == recording_id, alarms.c.code == code)
    ).first()
    if known is not None:
        return
    attempt_id = connection.execute(
        select(recordings.c.attempt_id).where(recordings.c.id == recording_id)
    ).scalar()
    connection.execute(
        alarms.insert().values(
            attempt_id=attempt_id or recording_id,
            recording_id=recording_id,
            code=code,
            at_us=at_us,
            detail=detail,
        )
    )
    note(connection, at_us, f"alarm.{code}", recording_id, detail)
