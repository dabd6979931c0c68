"""佐证绑定 at the computer: codes for the desk, and the phone's picture for aiming (R060–R065)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from zhishiyun_protocol.messages.live import LiveLook
from zhishiyun_protocol.messages.sitting import BindingCode
from zhishiyun_server import wire
from zhishiyun_server.access import seat
from zhishiyun_server.keep.binding import new_code
from zhishiyun_server.premises import premises_of
from zhishiyun_server.routes.live_pictures import looked
from zhishiyun_server.routes.operation import Auth, Operation

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


async def look(request: Request) -> Response:
    """Where the own phone points; asking again and again keeps pictures coming (R065)."""
    premises = premises_of(request)
    who = await seat(request)
    return wire.answer(looked(premises.viewing, who.attempt_id))


OPERATIONS = (
    Operation(
        "POST", "/v1/me/binding", show, "A fresh binding code", Auth.SESSION, None, BindingCode
    ),
    Operation(
        "GET", "/v1/me/phone/picture", look, "Where the phone points", Auth.SESSION, None, LiveLook
    ),
)
