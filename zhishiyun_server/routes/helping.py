"""/v1/me/help: the candidate's side of 【求助】."""

from __future__ import annotations

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from zhishiyun_protocol.messages.sitting import HelpQuestion, HelpThread
from zhishiyun_server import wire
from zhishiyun_server.access import seat
from zhishiyun_server.keep.helping import add_line, mark_read, thread_of
from zhishiyun_server.premises import premises_of
from zhishiyun_server.routes.operation import Auth, Operation

LINE_CHARS = 2000


async def ask(request: Request) -> Response:
    """Keep a question; sending it again is harmless."""
    premises = premises_of(request)
    who = await seat(request)
    question = await wire.read(request, HelpQuestion)
    now_us = premises.clock.now_us()

    def job(c: Connection) -> HelpThread:
        add_line(
            c,
            who.attempt_id,
            line_id=question.id[:64],
            kind=question.kind.value,
            text=question.text[:LINE_CHARS],
            at_us=min(question.at_us, now_us),
            now_us=now_us,
            from_staff=False,
        )
        return thread_of(c, who.attempt_id, 0)

    return wire.answer(await premises.database.write(job), 201)


async def read(request: Request) -> Response:
    """The conversation after a cursor; what staff wrote counts as read."""
    premises = premises_of(request)
    who = await seat(request)
    after = wire.number_of(request, "after")
    now_us = premises.clock.now_us()

    def job(c: Connection) -> HelpThread:
        mark_read(c, who.attempt_id, now_us, from_staff=True)
        return thread_of(c, who.attempt_id, after)

    return wire.answer(await premises.database.write(job))


OPERATIONS = (
    Operation(
        "POST", "/v1/me/help", ask, "Ask for help", Auth.SESSION, HelpQuestion, HelpThread, 201
    ),
    Operation("GET", "/v1/me/help", read, "The conversation", Auth.SESSION, None, HelpThread),
)
