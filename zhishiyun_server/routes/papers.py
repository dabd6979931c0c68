"""/v1/me/paper: the sealed paper early, its key from T0 on (R121–R123, R140)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row
from starlette.requests import Request
from starlette.responses import Response

from zhishiyun_protocol.messages.sitting import PaperKey
from zhishiyun_protocol.signing import to_text
from zhishiyun_server import wire
from zhishiyun_server.access import seat
from zhishiyun_server.domain.doors import paper_opens
from zhishiyun_server.domain.facts import Facts
from zhishiyun_server.keep.exams import paper_row
from zhishiyun_server.keep.facts import facts_of
from zhishiyun_server.premises import Premises, premises_of
from zhishiyun_server.problems import refusal
from zhishiyun_server.routes.operation import Auth, Operation


async def paper(request: Request) -> Response:
    """The sealed envelope of this candidate's 科目."""
    premises = premises_of(request)
    who = await seat(request)
    _, row = _paper(premises, who.attempt_id)
    content = premises.blobs.get(row.sha256)
    return Response(
        content, media_type="application/octet-stream", headers={"X-SHA256": row.sha256}
    )


async def key(request: Request) -> Response:
    """The key, for whoever has entered, once the exam's clock shows T0."""
    premises = premises_of(request)
    arrived_us = premises.clock.now_us()
    who = await seat(request)
    facts, row = _paper(premises, who.attempt_id)
    if not paper_opens(facts, arrived_us):
        wait_s = max(0.05, premises.clock.real_s(facts.starts_us))
        raise refusal(
            "KEY_NOT_YET",
            public_code="NOT_YET",
            opens_us=facts.starts_us,
            retry_after_s=round(wait_s, 3),
        )
    if facts.entered_us is None:
        raise refusal("NOT_ENTERED")
    return wire.answer(PaperKey(paper_id=row.id, key=to_text(row.key)))


def _paper(premises: Premises, attempt_id: str) -> tuple[Facts, Row[Any]]:
    facts = premises.database.read(lambda c: facts_of(c, attempt_id))
    row = premises.database.read(lambda c: paper_row(c, facts.exam_id, facts.subject))
    if row is None:
        raise refusal("NO_PAPER")
    return facts, row


OPERATIONS = (
    Operation("GET", "/v1/me/paper", paper, "The sealed paper", Auth.SESSION, None, bytes),
    Operation("GET", "/v1/me/paper/key", key, "The paper's key", Auth.SESSION, None, PaperKey),
)
