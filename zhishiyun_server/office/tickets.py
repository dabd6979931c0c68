"""Enrolment tickets: one small signed file a candidate (R004, R008)."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
from sqlalchemy import select

from zhishiyun_protocol.signing import key_id, to_text
from zhishiyun_protocol.ticket import SUFFIX, TicketClaims, issue
from zhishiyun_server.domain.doors import rescue_ends_us
from zhishiyun_server.keep.audit import note
from zhishiyun_server.keep.database import Database
from zhishiyun_server.keep.durable import write_durably
from zhishiyun_server.keep.exams import exam_row, plan_of
from zhishiyun_server.keep.keys import Keys
from zhishiyun_server.keep.tables import candidates
from zhishiyun_server.office.roster import exam_unknown

_UNSAFE = re.compile(r"[^0-9A-Za-z_-]")


class TicketsExported(msgspec.Struct, frozen=True, kw_only=True):
    """What was written."""

    exam_id: str
    tickets: tuple[str, ...]  # file names
    trust: str  # file name


def export_tickets(
    database: Database, keys: Keys, *, exam_id: str, folder: Path, server_url: str, now_us: int
) -> TicketsExported:
    """Write a ticket for every candidate, and trust.json with the issuer's public key.

    Raises:
        Fixable: EXAM_UNKNOWN.
    """
    exam = database.read(lambda c: exam_row(c, exam_id))
    if exam is None:
        raise exam_unknown(exam_id)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    rows = database.read(
        lambda c: c.execute(select(candidates).where(candidates.c.exam_id == exam_id)).all()
    )
    names = []
    for row in rows:
        claims = TicketClaims(
            exam_id=exam_id,
            exam_title=exam.title,
            ticket_number=row.ticket_number,
            ticket_id=row.ticket_id,
            server_url=server_url,
            server_key=to_text(keys.receipts.public_bytes()),
            valid_from_us=0,
            valid_until_us=rescue_ends_us(plan_of(exam.plan), exam.starts_us),
        )
        name = f"{_UNSAFE.sub('_', row.ticket_number)}{SUFFIX}"
        write_durably(folder / name, issue(claims, keys.issuer).encode())
        names.append(name)
    public = keys.issuer.public_bytes()
    trust = msgspec.json.encode({key_id(public): to_text(public)})
    write_durably(folder / "trust.json", trust, 0o644)
    database.write_now(lambda c: note(c, now_us, "tickets.exported", exam_id, str(len(names))))
    return TicketsExported(exam_id=exam_id, tickets=tuple(sorted(names)), trust="trust.json")
