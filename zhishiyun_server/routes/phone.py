"""/v1/phone: binding, state and picture of the phone that films from behind (R060–R076)."""

from __future__ import annotations

import re

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from zhishiyun_protocol.errors import Refused
from zhishiyun_protocol.messages.phone import (
    BIND_PURPOSE,
    PhoneBind,
    PhoneBound,
    PhoneStatus,
    PhoneTold,
)
from zhishiyun_protocol.signing import from_text, is_signed
from zhishiyun_server import wire
from zhishiyun_server.access import address_of, phone_seat
from zhishiyun_server.domain.doors import rescue_ends_us
from zhishiyun_server.keep.binding import bind_phone
from zhishiyun_server.keep.facts import facts_of
from zhishiyun_server.keep.heads import keep_head
from zhishiyun_server.keep.phones import keep_status, tell_if_changed
from zhishiyun_server.keep.recordings import recording_by
from zhishiyun_server.phone_answers import bound_of, told_to_phone
from zhishiyun_server.premises import premises_of
from zhishiyun_server.problems import Refusal, refusal
from zhishiyun_server.routes.operation import Auth, Operation

PICTURE_BYTES = 512 * 1024
LARGEST = 1 << 62
NAME = "手机"
_CODE = re.compile(r"[a-z_]{1,32}")


async def bind(request: Request) -> Response:
    """The phone uses a code or secret, once; the same phone may hear the answer again."""
    premises = premises_of(request)
    address = address_of(request)
    premises.rates.phone_per_address.take(address)
    premises.rates.wrong_codes_per_address.check(address)
    wanted = await wire.read(request, PhoneBind)
    word = wanted.secret or "".join(filter(str.isdigit, wanted.code))
    _require_key(wanted, word)
    now_us = premises.clock.now_us()
    name = wanted.name.strip() or NAME
    try:
        bound = await premises.database.write(
            lambda c: bind_phone(c, word, wanted.device_key, name, now_us, _expires_us)
        )
    except Refusal as refused:
        if refused.code == "BINDING_WRONG":  # who guesses is slowed, a hall that binds is not
            premises.rates.wrong_codes_per_address.take(address)
        raise
    premises.switchboard.ring(bound.attempt_id)
    return wire.answer(premises.database.read(lambda c: bound_of(c, premises, bound)), 201)


async def report(request: Request) -> Response:
    """What the phone says of itself; the answer says how fast it may send, and until when."""
    premises = premises_of(request)
    who = phone_seat(request)
    status = await wire.read(request, PhoneStatus)
    _require_sane(status)
    now_us = premises.clock.now_us()

    database = premises.database
    facts = database.read(lambda c: facts_of(c, who.attempt_id))
    is_over = facts.ended_us(now_us) is not None

    def job(c: Connection) -> bool:  # short: everybody's writing waits for it
        keep_status(c, who, status, now_us)
        if status.head is not None:
            recording = recording_by(c, who.recording_id)
            keep_head(c, recording.id, recording.device_key, status.head, now_us)
        return tell_if_changed(c, who.recording_id, now_us, ended=is_over)

    if await database.write(job):
        premises.switchboard.ring(who.attempt_id)
    return wire.answer(database.read(lambda c: told_to_phone(c, premises, who, facts, now_us)))


async def picture(request: Request) -> Response:
    """Where the phone points, while somebody looks; in memory only (R065)."""
    premises = premises_of(request)
    who = phone_seat(request, even_ended=False)
    jpeg = await wire.read_bytes(request, PICTURE_BYTES)
    if not (jpeg.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in jpeg[-64:]):
        raise refusal("PHOTO_UNREADABLE")
    premises.viewing.show(who.attempt_id, jpeg)
    return Response(status_code=204)


def _require_key(wanted: PhoneBind, word: str) -> None:
    """Check that whoever binds holds the key that will sign the recording.

    Raises:
        Refusal: BINDING_WRONG, PROOF_WRONG.
    """
    if not word:
        raise refusal("BINDING_WRONG")
    try:
        key, proof = from_text(wanted.device_key), from_text(wanted.proof)
    except Refused:
        raise refusal("PROOF_WRONG") from None
    if not is_signed(key, BIND_PURPOSE, word.encode(), proof):
        raise refusal("PROOF_WRONG")


def _require_sane(status: PhoneStatus) -> None:
    """Check that everything fits the database and a page.

    Raises:
        Refusal: BAD_REQUEST.
    """
    head = status.head
    numbers = [
        status.free_bytes or 0, status.recorded_s, status.log_bytes, status.waiting_bytes,
        status.interruptions, status.interrupted_s,
        *((head.records, head.length) if head is not None else ()),
    ]  # fmt: skip
    codes = [*status.troubles, *filter(None, (status.phase, status.last_cause))]
    share = status.battery_share
    if (
        min(numbers) < 0
        or max(numbers) >= LARGEST
        or not all(_CODE.fullmatch(code) for code in codes)
        or not (share is None or 0 <= share <= 1)
    ):
        raise refusal("BAD_REQUEST", detail="a number or code is impossible")


def _expires_us(c: Connection, attempt_id: str) -> int:
    facts = facts_of(c, attempt_id)
    return rescue_ends_us(facts.plan, facts.starts_us)


OPERATIONS = (
    Operation(
        "POST",
        "/v1/phone/bind",
        bind,
        "Bind a phone by code",
        Auth.NOBODY,
        PhoneBind,
        PhoneBound,
        201,
    ),
    Operation(
        "POST",
        "/v1/phone/status",
        report,
        "The phone's state",
        Auth.PHONE,
        PhoneStatus,
        PhoneTold,
    ),
    Operation(
        "POST",
        "/v1/phone/picture",
        picture,
        "Where the phone points",
        Auth.PHONE,
        bytes,
        None,
        204,
    ),
)
