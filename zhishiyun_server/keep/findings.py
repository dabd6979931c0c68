"""What the guard on a candidate's computer sees now, for the people who decide (R173, R178)."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec
from sqlalchemy import Connection, select

from zhishiyun_protocol.messages.live import OpenFinding
from zhishiyun_protocol.messages.sitting import Allowance
from zhishiyun_server.keep.allowing import allowed_by_attempt
from zhishiyun_server.keep.database import for_names
from zhishiyun_server.keep.tables import attempts, findings

RULE = re.compile(r"[a-z_]{1,40}\.[a-z_]{1,40}")
SUBJECT_CHARS = 200
NAME_CHARS = 64
MOST = 20
_KNOWN = "SELECT attempt_id, told FROM findings WHERE attempt_id IN "
Found = tuple[OpenFinding, ...]


class FindingLine(OpenFinding, frozen=True, kw_only=True):
    """One of them as staff see it."""

    allowed: bool = False


def keep_findings(connection: Connection, told: Mapping[str, Found]) -> None:
    """Keep what heartbeats said, by attempt; only what changed is written."""
    known = {row.attempt_id: row.told for row in for_names(connection, _KNOWN, told)}
    for attempt_id, found in told.items():
        if not found and attempt_id not in known:
            continue
        said = msgspec.json.encode([_bounded(f) for f in found[:MOST] if RULE.fullmatch(f.rule)])
        new, old = said.decode() if said != b"[]" else "", known.get(attempt_id, "")
        if new == old:
            continue
        connection.execute(findings.delete().where(findings.c.attempt_id == attempt_id))
        if new:
            connection.execute(findings.insert().values(attempt_id=attempt_id, told=new))


def findings_of(connection: Connection, exam_id: str) -> dict[str, tuple[FindingLine, ...]]:
    """What stands, by attempt of an exam, and whether somebody let it pass."""
    rows = connection.execute(
        select(findings)
        .join(attempts, attempts.c.id == findings.c.attempt_id)
        .where(attempts.c.exam_id == exam_id)
    ).all()
    allowed = allowed_by_attempt(connection, [row.attempt_id for row in rows])
    return {row.attempt_id: _lines(row.told, allowed.get(row.attempt_id, ())) for row in rows}


def _lines(told: str, allowed: tuple[Allowance, ...]) -> tuple[FindingLine, ...]:
    return tuple(
        FindingLine(**msgspec.structs.asdict(found), allowed=_is_allowed(found, allowed))
        for found in msgspec.json.decode(told, type=Found)
    )


def _is_allowed(found: OpenFinding, allowed: tuple[Allowance, ...]) -> bool:
    return any(one.rule == found.rule and one.subject in ("", found.subject) for one in allowed)


def _bounded(found: OpenFinding) -> OpenFinding:
    return msgspec.structs.replace(
        found, subject=found.subject[:SUBJECT_CHARS], name=found.name[:NAME_CHARS]
    )
