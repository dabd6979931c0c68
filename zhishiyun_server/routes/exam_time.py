"""POST /v1/time: the exam's clock."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from zhishiyun_protocol.messages.entering import TimeAnswer, TimeQuestion
from zhishiyun_server import wire
from zhishiyun_server.premises import premises_of
from zhishiyun_server.routes.operation import Auth, Operation


async def ask_time(request: Request) -> Response:
    """Four timestamps make an interval (design §5)."""
    clock = premises_of(request).clock
    received_us = clock.now_us()
    question = await wire.read(request, TimeQuestion)
    return wire.answer(
        TimeAnswer(
            sent_us=question.sent_us,
            server_received_us=received_us,
            server_sent_us=clock.now_us(),
            speed=clock.speed,
        )
    )


OPERATIONS = (
    Operation(
        "POST", "/v1/time", ask_time, "Ask the exam's clock", Auth.NOBODY, TimeQuestion, TimeAnswer
    ),
)
