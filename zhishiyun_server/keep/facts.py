"""Gathers what is known of one attempt."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from zhishiyun_protocol.messages.sitting import StageTime
from zhishiyun_server.domain.doing import Doing, KeptAct, doing_of
from zhishiyun_server.domain.facts import AttachmentFact, Facts
from zhishiyun_server.keep.exams import attachment_rows, exam_row, paper_row, plan_of
from zhishiyun_server.keep.phones import is_filming, phone_row
from zhishiyun_server.keep.receipts import receipt_of
from zhishiyun_server.keep.tables import acts, attempts, candidates


def facts_of(connection: Connection, attempt_id: str) -> Facts:
    """Everything the rules need, read in one transaction."""
    attempt = _one(connection, select(attempts).where(attempts.c.id == attempt_id))
    candidate = _one(
        connection, select(candidates).where(candidates.c.ticket_id == attempt.ticket_id)
    )
    exam = exam_row(connection, attempt.exam_id)
    if exam is None:
        raise LookupError(attempt.exam_id)
    doing = doing_by(connection, attempt_id)
    phone = phone_row(connection, attempt_id)
    return Facts(
        plan=plan_of(exam.plan),
        plan_sha256=exam.plan_sha256,
        exam_id=exam.id,
        starts_us=exam.starts_us,
        formal=exam.formal,
        attempt_id=attempt_id,
        ticket_id=candidate.ticket_id,
        ticket_number=candidate.ticket_number,
        name=candidate.name,
        subject=candidate.subject,
        extra_share=candidate.extra_share,
        device_key=candidate.device_key,
        verified_by=attempt.verified_by,
        entered_us=attempt.entered_us,
        flow_read=doing.flow_read,
        attachments=_attachments(connection, exam, doing),
        draw_commitment=exam.draw_commitment,
        draw_number=candidate.draw_number,
        draw_assigned=candidate.draw_assigned,
        phone_bound=phone is not None,
        phone_films=is_filming(phone),
        events=doing.events,
        exam_ended_us=doing.exam_ended_us,
        paper_ready=paper_row(connection, exam.id, candidate.subject) is not None,
        sealed=receipt_of(connection, attempt_id) is not None,
        news_cursor=attempt.news_cursor,
    )


def doing_by(connection: Connection, attempt_id: str) -> Doing:
    """The sum of a candidate's acts."""
    found = connection.execute(
        select(acts).where(acts.c.attempt_id == attempt_id).order_by(acts.c.place)
    )
    return doing_of(
        KeptAct(
            row.kind, row.at_us, row.error_us, row.received_us, row.subject, row.stage, row.version
        )
        for row in found
    )


def stage_times_of(connection: Connection, attempt_id: str) -> tuple[StageTime, ...]:
    """What the acts fixed for each stage."""
    return doing_by(connection, attempt_id).stage_times()


def _attachments(
    connection: Connection, exam: Row[Any], doing: Doing
) -> tuple[AttachmentFact, ...]:
    kept = {row.id: row for row in attachment_rows(connection, exam.id)}
    return tuple(
        AttachmentFact(
            id=listed.id,
            title=listed.title,
            media_type=listed.media_type,
            sha256=kept[listed.id].sha256,
            bytes=kept[listed.id].bytes,
            must_open=listed.must_open,
            read=(listed.id, kept[listed.id].sha256) in doing.read_versions,
        )
        for listed in plan_of(exam.plan).attachments
    )


def _one(connection: Connection, question: Any) -> Row[Any]:
    row: Row[Any] = connection.execute(question).one()
    return row
