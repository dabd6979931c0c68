"""/v1/staff/logins: the technician's word where the face check did not do (R044, R045, R212)."""

from __future__ import annotations

import base64
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select
from starlette.requests import Request
from starlette.responses import Response

from zhishiyun_protocol.messages.entering import LoginState
from zhishiyun_server import wire
from zhishiyun_server.access import StaffMember, settled, staff_member
from zhishiyun_server.domain.roles import Power
from zhishiyun_server.keep.audit import note
from zhishiyun_server.keep.enrolling import candidate_row
from zhishiyun_server.keep.exams import exam_row, plan_of
from zhishiyun_server.keep.logins import decide
from zhishiyun_server.keep.overview import WaitingLogin, waiting_logins
from zhishiyun_server.keep.tables import logins
from zhishiyun_server.office.photos import media_type_of
from zhishiyun_server.premises import premises_of
from zhishiyun_server.problems import Refusal, refusal
from zhishiyun_server.routes.operation import Auth, Operation
from zhishiyun_server.routes.staff import audited

REASON_CHARS = 500


class Photos(msgspec.Struct, frozen=True, kw_only=True):
    """The pictures side by side, as data: addresses; `id_photo` where the plan asks for 人证.

    `live` is empty where the candidate's camera gives no picture (F02).
    """

    live: str
    reference: str
    id_photo: str = ""


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A technician's word; a reason is always given."""

    admit: bool
    reason: str


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """Where the login stands now; `second_person` waits for another technician."""

    state: LoginState
    second_person: bool = False


async def see_waiting(request: Request) -> Response:
    """Logins that wait."""
    staff_member(request, Power.DECIDE_LOGINS)
    return wire.answer(premises_of(request).database.read(waiting_logins))


async def see_photos(request: Request) -> Response:
    """The live picture and the reference; the look is written down."""
    premises = premises_of(request)
    member = staff_member(request, Power.SEE_PHOTOS)
    row = premises.database.read(lambda c: _login(c, request.path_params["login_id"]))
    if row.manual_us is None:
        raise refusal("NOT_FOUND")
    candidate = premises.database.read(lambda c: candidate_row(c, row.ticket_id))
    if candidate is None:
        raise refusal("NOT_FOUND")
    await audited(premises, member, "photos.seen", row.ticket_id)
    return wire.answer(
        Photos(
            live=_data_url(premises.blobs.get(row.live_photo_sha256))
            if row.live_photo_sha256
            else "",
            reference=_data_url(premises.blobs.get(candidate.photo_sha256)),
            id_photo=_data_url(premises.blobs.get(candidate.id_photo_sha256))
            if candidate.id_photo_sha256
            else "",
        )
    )


async def decide_login(request: Request) -> Response:
    """Let somebody in, or not, with a reason; two persons where the plan asks for it."""
    premises = premises_of(request)
    member = staff_member(request, Power.DECIDE_LOGINS)
    decision = await wire.read(request, Decision)
    if not decision.reason.strip():
        raise refusal("BAD_REQUEST", detail="a reason is needed")
    login_id, now_us = request.path_params["login_id"], premises.clock.now_us()
    outcome = await premises.database.write(
        lambda c: _decide(c, login_id, decision, member, now_us)
    )
    decided = settled(outcome)
    if decided.state is not LoginState.MANUAL_PENDING:
        premises.viewing.forget(login_id)
    return wire.answer(decided)


def _decide(
    c: Connection, login_id: str, decision: Decision, member: StaffMember, now_us: int
) -> Decided | Refusal:
    row = _login(c, login_id)
    if row.state != LoginState.MANUAL_PENDING or row.expires_us <= now_us:
        return refusal("LOGIN_DECIDED")
    reason = decision.reason.strip()[:REASON_CHARS]
    word = "admit" if decision.admit else "refuse"
    note(
        c,
        now_us,
        f"login.{word}",
        row.ticket_id,
        reason,
        who=member.name,
        role=member.role.value,
    )
    if not decision.admit:
        decide(c, login_id, LoginState.REFUSED, reason)
        return Decided(state=LoginState.REFUSED)
    if _needs_second(c, row) and row.approved_by in ("", member.name):
        c.execute(logins.update().where(logins.c.id == login_id).values(approved_by=member.name))
        if row.approved_by == member.name:
            return refusal("SECOND_PERSON")
        return Decided(state=LoginState.MANUAL_PENDING, second_person=True)
    decide(c, login_id, LoginState.ADMITTED, reason)
    return Decided(state=LoginState.ADMITTED)


def _needs_second(c: Connection, row: Row[Any]) -> bool:
    candidate = candidate_row(c, row.ticket_id)
    exam = exam_row(c, candidate.exam_id) if candidate is not None else None
    return exam is not None and plan_of(exam.plan).login.manual_needs_second_person


def _login(c: Connection, login_id: str) -> Row[Any]:
    row = c.execute(select(logins).where(logins.c.id == login_id)).first()
    if row is None:
        raise refusal("NOT_FOUND")
    return row


def _data_url(content: bytes) -> str:
    return f"data:{media_type_of(content)};base64,{base64.b64encode(content).decode()}"


OPERATIONS = (
    Operation(
        "GET",
        "/v1/staff/logins",
        see_waiting,
        "Logins that wait for a technician",
        Auth.STAFF,
        None,
        tuple[WaitingLogin, ...],
    ),
    Operation(
        "GET",
        "/v1/staff/logins/{login_id}/photos",
        see_photos,
        "Live picture and reference",
        Auth.STAFF,
        None,
        Photos,
    ),
    Operation(
        "POST",
        "/v1/staff/logins/{login_id}/decision",
        decide_login,
        "Let in or refuse",
        Auth.STAFF,
        Decision,
        Decided,
    ),
)
