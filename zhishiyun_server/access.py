"""Who calls: bearers of sessions, logins, phones and staff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from starlette.requests import HTTPConnection, Request

from zhishiyun_server.domain.roles import POWERS, Power, Role
from zhishiyun_server.keep.phones import PhoneSeat, seat_of_phone
from zhishiyun_server.keep.sessions import Seat, mark_used, seat_of
from zhishiyun_server.keep.staff import staff_of
from zhishiyun_server.premises import premises_of
from zhishiyun_server.problems import Refusal, refusal

T = TypeVar("T")
STAFF_COOKIE = "zsy_staff"


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A staff account that is logged in."""

    name: str
    role: Role

    def may(self, power: Power) -> bool:
        """Whether the role includes this."""
        return power in POWERS[self.role]


def bearer_of(request: HTTPConnection) -> str:
    """The bearer token of a call; "" when there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def address_of(request: HTTPConnection) -> str:
    """Where a call comes from, for rates."""
    return request.client.host if request.client else "unknown"


async def seat(request: HTTPConnection) -> Seat:
    """The candidate behind a call to /v1/me.

    Raises:
        Refusal: SESSION_UNKNOWN or TAKEN_OVER.
    """
    found = await any_seat(request)
    if found.taken_over:
        raise refusal("TAKEN_OVER")
    return found


async def any_seat(request: HTTPConnection) -> Seat:
    """Like `seat`, but a session that was taken over still learns so.

    Raises:
        Refusal: SESSION_UNKNOWN.
    """
    premises = premises_of(request)
    token = bearer_of(request)
    if not token:
        raise refusal("SESSION_UNKNOWN")
    found = premises.database.read(lambda c: seat_of(c, token, premises.clock.now_us()))
    if not found.used:
        await premises.database.write(lambda c: mark_used(c, found.token_hash))
    return found


def phone_seat(request: HTTPConnection, *, even_ended: bool = True) -> PhoneSeat:
    """The phone behind a call to /v1/phone.

    even_ended: also one that was replaced, which still sends what it has recorded.

    Raises:
        Refusal: PHONE_UNKNOWN.
    """
    premises, token = premises_of(request), bearer_of(request)
    found = premises.database.read(lambda c: seat_of_phone(c, token, premises.clock.now_us()))
    if found is None or (found.ended and not even_ended):
        raise refusal("PHONE_UNKNOWN")
    return found


async def own_recording(request: HTTPConnection) -> str:
    """The one recording that the caller, a phone or a candidate's computer, may add to.

    Raises:
        Refusal: SESSION_UNKNOWN or TAKEN_OVER.
    """
    try:
        return phone_seat(request).recording_id
    except Refusal:
        return (await seat(request)).attempt_id


def staff_member(request: Request, power: Power) -> StaffMember:
    """The staff member behind a call, who must hold `power`.

    A call that changes something and is authorised by the cookie must be JSON or bytes by script:
    a foreign site can send neither without asking first.

    Raises:
        Refusal: STAFF_UNKNOWN or ROLE_WRONG.
    """
    token = bearer_of(request)
    if not token:
        token = request.cookies.get(STAFF_COOKIE, "")
        plain = request.headers.get("content-type", "").split(";")[0] in (
            "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data",
        )  # fmt: skip
        if request.method != "GET" and plain:
            raise refusal("STAFF_UNKNOWN")
    found = premises_of(request).database.read(lambda c: staff_of(c, token)) if token else None
    if found is None:
        raise refusal("STAFF_UNKNOWN")
    member = StaffMember(name=found[0], role=found[1])
    if not member.may(power):
        raise refusal("ROLE_WRONG")
    return member


def settled(outcome: T | Refusal) -> T:
    """What a transaction decided; a refusal is raised only after it was written down."""
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome
