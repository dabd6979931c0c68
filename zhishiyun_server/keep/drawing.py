"""Drawing lots: the number follows from seed, group and tickets; here it is taken or given."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from zhishiyun_protocol.draw import numbers
from zhishiyun_protocol.timing import windows
from zhishiyun_server.keep.audit import note
from zhishiyun_server.keep.exams import exam_row, plan_of
from zhishiyun_server.keep.tables import candidates, exams


def draw_number(connection: Connection, ticket_id: str) -> int:
    """The candidate draws; drawing again gives the same number (R082)."""
    candidate = connection.execute(
        select(candidates).where(candidates.c.ticket_id == ticket_id)
    ).one()
    if candidate.draw_number is not None:
        return int(candidate.draw_number)
    number = _group_numbers(connection, candidate.exam_id, candidate.post)[ticket_id]
    connection.execute(
        candidates.update()
        .where(candidates.c.ticket_id == ticket_id)
        .values(draw_number=number, draw_assigned=False)
    )
    return number


def assign_rest(connection: Connection, exam_id: str, now_us: int) -> None:
    """Once the lottery has closed, give everybody else a number, all at once (R081)."""
    exam = exam_row(connection, exam_id)
    if exam is None or exam.lots_assigned:
        return
    plan = plan_of(exam.plan)
    closed = now_us > windows(plan, exam.starts_us).lottery_closes_us
    if not (plan.lottery.enabled and plan.lottery.auto_assign and closed):
        return
    posts = connection.execute(
        select(candidates.c.post).where(candidates.c.exam_id == exam_id).distinct()
    ).scalars()
    given = 0
    for post in list(posts):
        for ticket_id, number in _group_numbers(connection, exam_id, post).items():
            given += connection.execute(
                candidates.update()
                .where(candidates.c.ticket_id == ticket_id, candidates.c.draw_number.is_(None))
                .values(draw_number=number, draw_assigned=True)
            ).rowcount
    connection.execute(exams.update().where(exams.c.id == exam_id).values(lots_assigned=True))
    note(connection, now_us, "lottery.closed", exam_id, f"assigned {given}")


def has_begun(connection: Connection, exam_id: str) -> bool:
    """Whether anybody of an exam has a number."""
    count = connection.execute(
        select(func.count())
        .select_from(candidates)
        .where(candidates.c.exam_id == exam_id, candidates.c.draw_number.is_not(None))
    ).scalar_one()
    return bool(count)


def _group_numbers(connection: Connection, exam_id: str, post: str) -> dict[str, int]:
    exam = exam_row(connection, exam_id)
    tickets = connection.execute(
        select(candidates.c.ticket_id).where(
            candidates.c.exam_id == exam_id, candidates.c.post == post
        )
    ).scalars()
    return numbers(exam.draw_seed if exam else b"", post, list(tickets))
