"""POST /v1/enrolments: a ticket's device (R004, R007, R008)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from zhishiyun_protocol import ticket
from zhishiyun_protocol.errors import Refused
from zhishiyun_protocol.messages.entering import Enrolled, Enrolment
from zhishiyun_protocol.signing import from_text, is_signed
from zhishiyun_protocol.ticket import TicketClaims
from zhishiyun_server import wire
from zhishiyun_server.access import address_of, settled
from zhishiyun_server.keep.enrolling import bind_device
from zhishiyun_server.keep.exams import exam_row, plan_of
from zhishiyun_server.premises import Premises, premises_of
from zhishiyun_server.problems import refusal, refused
from zhishiyun_server.routes.operation import Auth, Operation

PURPOSE = "enrolment"


async def enrol(request: Request) -> Response:
    """Bind a device key to a ticket: 201 the first time, 200 for the same key again."""
    premises = premises_of(request)
    premises.rates.enrolment_per_address.take(address_of(request))
    enrolment = await wire.read(request, Enrolment)
    claims = _checked(premises, enrolment)
    now_us = premises.clock.now_us()
    candidate, is_new = settled(
        await premises.database.write(
            lambda c: bind_device(c, claims, enrolment.device_key, enrolment.client_version, now_us)
        )
    )
    exam = premises.database.read(lambda c: exam_row(c, claims.exam_id))
    if exam is None:
        raise refusal("TICKET_OF_ANOTHER_EXAM")
    enrolled = Enrolled(
        exam_id=exam.id,
        exam_title=exam.title,
        plan=plan_of(exam.plan),
        starts_us=exam.starts_us,
        ticket_tail=candidate.ticket_number[-4:],
        subject=candidate.subject,
        formal=exam.formal,
    )
    return wire.answer(enrolled, 201 if is_new else 200)


def _checked(premises: Premises, enrolment: Enrolment) -> TicketClaims:
    try:
        claims = ticket.read(enrolment.ticket, premises.keys.trusted_issuers())
        key, proof = from_text(enrolment.device_key), from_text(enrolment.proof)
    except Refused as error:
        raise refused(error, 403) from error
    if not is_signed(key, PURPOSE, enrolment.ticket.encode(), proof):
        raise refusal("PROOF_WRONG")
    if _version(enrolment.client_version) < _version(claims.minimum_client):
        raise refusal("CLIENT_TOO_OLD")
    now_us = premises.clock.now_us()
    if now_us < claims.valid_from_us:
        raise refusal("TICKET_NOT_YET", opens_us=claims.valid_from_us)
    if now_us > claims.valid_until_us:
        raise refusal("TICKET_EXPIRED", closes_us=claims.valid_until_us)
    return claims


def _version(text: str) -> tuple[int, ...]:
    """Numbers of a version; what is no number ends it."""
    numbers: list[int] = []
    for part in text.split("."):
        if not (part.isascii() and part.isdigit()):
            break
        numbers.append(int(part[:6]))
    return tuple(numbers)


OPERATIONS = (
    Operation(
        "POST",
        "/v1/enrolments",
        enrol,
        "Bind a device key to a ticket",
        Auth.NOBODY,
        Enrolment,
        Enrolled,
        201,
    ),
)
