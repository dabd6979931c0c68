"""佐证绑定: codes for the desk, binding and status for the phone (R060–R068)."""

from __future__ import annotations

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from zhishiyun_protocol.messages.live import NewsKind
from zhishiyun_protocol.messages.phone import PhoneBind, PhoneBound, PhoneStatus
from zhishiyun_protocol.messages.sitting import BindingCode, PhoneState
from zhishiyun_server import wire
from zhishiyun_server.access import address_of, phone_attempt, seat
from zhishiyun_server.keep.binding import bind_phone, new_code
from zhishiyun_server.keep.facts import facts_of
from zhishiyun_server.keep.newsroom import tell
from zhishiyun_server.keep.tables import phones
from zhishiyun_server.premises import premises_of
from zhishiyun_server.routes.operation import Auth, Operation
from zhishiyun_server.sitting import phone_state

CODE_REAL_S = 300


async def show(request: Request) -> Response:
    """A fresh code and QR address; the older one dies."""
    premises = premises_of(request)
    who = await seat(request)
    premises.rates.binding_per_attempt.take(who.attempt_id)
    expires_us = premises.clock.after_real_us(CODE_REAL_S)
    code = await premises.database.write(lambda c: new_code(c, who.attempt_id, expires_us))
    base = premises.settings.public_url.rstrip("/") or str(request.base_url).rstrip("/")
    return wire.answer(
        BindingCode(code=code.code, url=f"{base}/p/#{code.secret}", expires_us=expires_us)
    )


async def bind(request: Request) -> Response:
    """The phone uses a code or secret, once."""
    premises = premises_of(request)
    premises.rates.phone_per_address.take(address_of(request))
    wanted = await wire.read(request, PhoneBind)
    word = wanted.secret or "".join(filter(str.isdigit, wanted.code))
    now_us = premises.clock.now_us()
    token, attempt_id = await premises.database.write(
        lambda c: bind_phone(c, word, wanted.name or "手机", now_us)
    )
    premises.switchboard.ring(attempt_id)
    facts = premises.database.read(lambda c: facts_of(c, attempt_id))
    bound = PhoneBound(
        token=token,
        exam_title=facts.plan.title,
        placement=facts.plan.binding.placement,
        product=facts.plan.wording.phone_product,
    )
    return wire.answer(bound, 201)


async def report(request: Request) -> Response:
    """What the phone says of itself."""
    premises = premises_of(request)
    attempt_id, hashed = await phone_attempt(request)
    status = await wire.read(request, PhoneStatus)
    now_us = premises.clock.now_us()

    def job(c: Connection) -> PhoneState:
        c.execute(
            phones.update()
            .where(phones.c.token_hash == hashed)
            .values(
                battery_share=status.battery_share,
                free_bytes=status.free_bytes,
                seen_us=now_us,
            )
        )
        tell(c, attempt_id, NewsKind.PHONE, now_us)
        return phone_state(c, attempt_id)

    state = await premises.database.write(job)
    premises.switchboard.ring(attempt_id)
    return wire.answer(state)


OPERATIONS = (
    Operation(
        "POST", "/v1/me/binding", show, "A fresh binding code", Auth.SESSION, None, BindingCode
    ),
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
        PhoneState,
    ),
)
