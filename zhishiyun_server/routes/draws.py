"""POST /v1/me/draw: 抽签 (R080–R084)."""

from __future__ import annotations

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from zhishiyun_protocol.messages.sitting import DrawState
from zhishiyun_server import wire
from zhishiyun_server.access import seat, settled
from zhishiyun_server.domain.doors import lottery_door
from zhishiyun_server.keep.audit import note
from zhishiyun_server.keep.drawing import assign_rest, draw_number
from zhishiyun_server.keep.facts import facts_of
from zhishiyun_server.premises import premises_of
from zhishiyun_server.problems import Refusal, refusal
from zhishiyun_server.routes.operation import Auth, Operation
from zhishiyun_server.sitting import draw_state


async def draw(request: Request) -> Response:
    """Draw; once the lottery has closed, the number that was given."""
    premises = premises_of(request)
    who = await seat(request)
    now_us = premises.clock.now_us()

    def job(c: Connection) -> DrawState | Refusal:
        facts = facts_of(c, who.attempt_id)
        door = lottery_door(facts.plan, facts.starts_us, now_us)
        if not facts.plan.lottery.enabled:
            return refusal("NO_LOTTERY")
        if door.code == "NOT_YET":
            return refusal("NOT_YET", opens_us=door.opens_us, closes_us=door.closes_us)
        if door.open and facts.draw_number is None:
            draw_number(c, who.ticket_id)
            note(c, now_us, "lottery.drawn", who.attempt_id)
        assign_rest(c, who.exam_id, now_us)
        state = draw_state(facts_of(c, who.attempt_id))
        return state or refusal("NO_LOTTERY")

    return wire.answer(settled(await premises.database.write(job)))


OPERATIONS = (
    Operation("POST", "/v1/me/draw", draw, "Draw a number", Auth.SESSION, None, DrawState),
)
