"""The candidate's live picture while a technician looks: shown, never kept (R045, R212)."""

from __future__ import annotations

import base64
import binascii

from starlette.requests import Request
from starlette.responses import Response

from zhishiyun_protocol.messages.entering import LoginState, PictureTaken, ShownPicture
from zhishiyun_protocol.messages.live import LiveLook
from zhishiyun_server import wire
from zhishiyun_server.access import bearer_of, staff_member
from zhishiyun_server.domain.roles import Power
from zhishiyun_server.keep.logins import login_row
from zhishiyun_server.office.photos import is_photo
from zhishiyun_server.premises import premises_of
from zhishiyun_server.problems import refusal
from zhishiyun_server.routes.operation import Auth, Operation
from zhishiyun_server.viewing import Viewing

PICTURE_BODY_BYTES = 512 * 1024  # 640 × 360 as JPEG has some 40 kB


async def show(request: Request) -> Response:
    """A picture of now, from a login that waits; ignored where nobody looks."""
    premises = premises_of(request)
    login_id, secret = request.path_params["login_id"], bearer_of(request)
    now_us = premises.clock.now_us()
    row = premises.database.read(lambda c: login_row(c, login_id, secret, now_us))
    if row.state != LoginState.MANUAL_PENDING:
        raise refusal("LOGIN_DECIDED")
    shown = await wire.read(request, ShownPicture, PICTURE_BODY_BYTES)
    try:
        jpeg = base64.b64decode(shown.picture, validate=True)
    except (binascii.Error, ValueError):
        raise refusal("PHOTO_UNREADABLE") from None
    if not is_photo(jpeg):
        raise refusal("PHOTO_UNREADABLE")
    premises.viewing.show(login_id, jpeg)
    return wire.answer(PictureTaken(wanted=premises.viewing.is_wanted(login_id)))


async def look(request: Request) -> Response:
    """What the candidate's camera shows; asking again and again keeps it coming."""
    premises = premises_of(request)
    staff_member(request, Power.SEE_PHOTOS)  # the first look is in the audit chain (photos.seen)
    return wire.answer(looked(premises.viewing, request.path_params["login_id"]))


def looked(viewing: Viewing, name: str) -> LiveLook:
    """The newest picture for who looks; asking keeps pictures coming."""
    picture = viewing.look(name)
    if picture is None:
        return LiveLook()
    address = f"data:image/jpeg;base64,{base64.b64encode(picture.jpeg).decode()}"
    return LiveLook(picture=address, age_s=viewing.age_s(picture))


OPERATIONS = (
    Operation(
        "POST",
        "/v1/logins/{login_id}/picture",
        show,
        "The live picture, while a technician looks",
        Auth.LOGIN,
        ShownPicture,
        PictureTaken,
    ),
    Operation(
        "GET",
        "/v1/staff/logins/{login_id}/live",
        look,
        "What the candidate's camera shows now",
        Auth.STAFF,
        None,
        LiveLook,
    ),
)
