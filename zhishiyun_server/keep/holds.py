"""Recordings that must outlast their time: a dispute, an appeal, somebody who was hired."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from zhishiyun_protocol.errors import Fixable
from zhishiyun_server.keep.audit import note
from zhishiyun_server.keep.tables import candidates, holds


def hold(connection: Connection, ticket_id: str, reason: str, who: str, now_us: int) -> None:
    """Nothing of this candidate expires until somebody lets go; the reason is kept."""
    connection.execute(holds.delete().where(holds.c.ticket_id == ticket_id))
    connection.execute(
        holds.insert().values(ticket_id=ticket_id, reason=reason, held_by=who, at_us=now_us)
    )
    note(connection, now_us, "data.held", ticket_id, reason, who=who)


def let_go(connection: Connection, ticket_id: str, who: str, now_us: int) -> None:
    """The time of the plan counts again."""
    connection.execute(holds.delete().where(holds.c.ticket_id == ticket_id))
    note(connection, now_us, "data.let_go", ticket_id, who=who)


def candidate_of(connection: Connection, exam_id: str, ticket_number: str) -> Row[Any]:
    """The candidate with this 准考证号.

    Raises:
        Fixable: CANDIDATE_UNKNOWN.
    """
    row = connection.execute(
        select(candidates).where(
            candidates.c.exam_id == exam_id, candidates.c.ticket_number == ticket_number
        )
    ).first()
    if row is None:
        raise Fixable(
            "CANDIDATE_UNKNOWN",
            f"Exam {exam_id} has no candidate with this ticket number.",
            f"考试 {exam_id} 没有使用该准考证号的考生。",
        )
    return row
