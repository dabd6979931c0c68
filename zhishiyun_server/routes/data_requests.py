"""/v1/me/data-requests and the staff's side: a copy or deletion of what is kept (PIPL 44–50)."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from zhishiyun_protocol.messages.personal_data import DataAnswer, DataRequest, DataRequests
from zhishiyun_server import wire
from zhishiyun_server.access import seat, settled, staff_member
from zhishiyun_server.domain.roles import Power
from zhishiyun_server.keep.data_requests import (
    DataRequestLine,
    all_requests,
    answer,
    ask,
    request_row,
    requests_of,
)
from zhishiyun_server.premises import premises_of
from zhishiyun_server.problems import Refusal, refusal
from zhishiyun_server.routes.operation import Auth, Operation

WORDS_CHARS = 500


class DataDecision(msgspec.Struct, frozen=True, kw_only=True):
    """A word of staff: granted or not, and what is done, or why not, and when."""

    granted: bool
    words: str


async def ask_for(request: Request) -> Response:
    """Keep a request; sending it again is harmless."""
    premises = premises_of(request)
    who = await seat(request)
    wanted = await wire.read(request, DataRequest)
    now_us = premises.clock.now_us()
    kept = await premises.database.write(lambda c: ask(c, who.attempt_id, wanted, now_us))
    return wire.answer(kept, 201)


async def see_own(request: Request) -> Response:
    """What this candidate asked for, and the answers."""
    premises = premises_of(request)
    who = await seat(request)
    return wire.answer(premises.database.read(lambda c: requests_of(c, who.attempt_id)))


async def see_all(request: Request) -> Response:
    """The requests of all candidates."""
    staff_member(request, Power.ANSWER_DATA)
    return wire.answer(premises_of(request).database.read(all_requests))


async def decide(request: Request) -> Response:
    """Answer a request, once, in words."""
    premises = premises_of(request)
    member = staff_member(request, Power.ANSWER_DATA)
    given = await wire.read(request, DataDecision)
    words = given.words.strip()[:WORDS_CHARS]
    if not words:
        raise refusal("BAD_REQUEST", detail="words are needed")
    attempt_id = request.path_params["attempt_id"]
    request_id = request.path_params["request_id"]
    now_us = premises.clock.now_us()

    def job(c: Connection) -> DataRequests | Refusal:
        row = request_row(c, attempt_id, request_id)
        if row is None:
            return refusal("NOT_FOUND")
        if row.answer != DataAnswer.WAITING:
            return refusal("DATA_ANSWERED")
        decided = DataAnswer.GRANTED if given.granted else DataAnswer.REFUSED
        answer(c, row, decided, words, (member.name, member.role.value), now_us)
        return requests_of(c, attempt_id)

    kept: DataRequests = settled(await premises.database.write(job))
    premises.switchboard.ring(attempt_id)
    return wire.answer(kept)


OPERATIONS = (
    Operation(
        "POST",
        "/v1/me/data-requests",
        ask_for,
        "Ask for a copy or deletion",
        Auth.SESSION,
        DataRequest,
        DataRequests,
        201,
    ),
    Operation(
        "GET",
        "/v1/me/data-requests",
        see_own,
        "What was asked for, and the answers",
        Auth.SESSION,
        None,
        DataRequests,
    ),
    Operation(
        "GET",
        "/v1/staff/data-requests",
        see_all,
        "Requests for a copy or deletion",
        Auth.STAFF,
        None,
        tuple[DataRequestLine, ...],
    ),
    Operation(
        "POST",
        "/v1/staff/data-requests/{attempt_id}/{request_id}/answer",
        decide,
        "Answer a request",
        Auth.STAFF,
        DataDecision,
        DataRequests,
    ),
)
