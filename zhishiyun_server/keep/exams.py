"""Exams, their attachments and papers."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, or_, select

from zhishiyun_protocol.plan import ExamPlan
from zhishiyun_server.keep.tables import attachments, attempts, exams, papers, recordings


def exam_row(connection: Connection, exam_id: str) -> Row[Any] | None:
    """One exam."""
    return connection.execute(select(exams).where(exams.c.id == exam_id)).first()


def exam_recorded(connection: Connection, recording_id: str) -> Row[Any]:
    """The exam that a recording is of; it must be there."""
    return connection.execute(
        select(exams)
        .join(attempts, attempts.c.exam_id == exams.c.id)
        .join(recordings, recordings.c.attempt_id == attempts.c.id)
        .where(recordings.c.id == recording_id)
    ).one()


def exam_rows(connection: Connection) -> list[Row[Any]]:
    """All exams, soonest first."""
    return list(connection.execute(select(exams).order_by(exams.c.starts_us)))


@lru_cache(maxsize=64)
def plan_of(encoded: bytes) -> ExamPlan:
    """The plan of an exam row, decoded once."""
    return msgspec.json.decode(encoded, type=ExamPlan)


def attachment_rows(connection: Connection, exam_id: str) -> list[Row[Any]]:
    """Digests and sizes of an exam's documents."""
    return list(connection.execute(select(attachments).where(attachments.c.exam_id == exam_id)))


def paper_row(
    connection: Connection, exam_id: str, subject: str, language: str = "zh"
) -> Row[Any] | None:
    """The paper of a 科目: its own before the common one."""
    found = connection.execute(
        select(papers).where(
            papers.c.exam_id == exam_id,
            or_(papers.c.subject == subject, papers.c.subject == ""),
            papers.c.language == language,
        )
    ).all()
    return max(found, key=lambda row: row.subject == subject, default=None)
