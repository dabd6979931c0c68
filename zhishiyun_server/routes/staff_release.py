"""/v1/staff/exams/{id}/release-codes: the codes that open papers without a network (R123)."""

from __future__ import annotations

from sqlalchemy import Connection, select
from starlette.requests import Request
from starlette.responses import Response

from zhishiyun_protocol.messages.releasing import ReleaseCode, ReleaseCodes
from zhishiyun_protocol.release import code_of
from zhishiyun_server import wire
from zhishiyun_server.access import staff_member
from zhishiyun_server.domain.roles import Power
from zhishiyun_server.keep.audit import note
from zhishiyun_server.keep.exams import exam_row
from zhishiyun_server.keep.tables import papers
from zhishiyun_server.premises import premises_of
from zhishiyun_server.problems import refusal
from zhishiyun_server.routes.operation import Auth, Operation


async def release_codes(request: Request) -> Response:
    """All codes of an exam, from T0 on; who looked is an audit row."""
    premises = premises_of(request)
    now_us = premises.clock.now_us()
    member = staff_member(request, Power.RELEASE_PAPERS)
    exam_id = request.path_params["exam_id"]
    exam = premises.database.read(lambda c: exam_row(c, exam_id))
    if exam is None:
        raise refusal("NOT_FOUND")
    if now_us < exam.starts_us:
        raise refusal(
            "KEY_NOT_YET",
            public_code="NOT_YET",
            opens_us=exam.starts_us,
            retry_after_s=round(max(0.05, premises.clock.real_s(exam.starts_us)), 3),
        )

    def job(c: Connection) -> ReleaseCodes:
        found = c.execute(select(papers).where(papers.c.exam_id == exam_id)).all()
        note(c, now_us, "paper.codes_shown", exam_id, "", who=member.name, role=member.role.value)
        return ReleaseCodes(
            codes=tuple(
                ReleaseCode(
                    paper_id=row.id,
                    subject=row.subject,
                    language=row.language,
                    code=code_of(row.key, row.id),
                )
                for row in found
            )
        )

    return wire.answer(await premises.database.write(job))


OPERATIONS = (
    Operation(
        "GET",
        "/v1/staff/exams/{exam_id}/release-codes",
        release_codes,
        "The release codes of an exam's papers",
        Auth.STAFF,
        None,
        ReleaseCodes,
    ),
)
