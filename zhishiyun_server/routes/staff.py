"""/v1/staff: sessions, lists, the audit chain, the draw after its closing."""

from __future__ import annotations

import asyncio

import msgspec
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from zhishiyun_protocol.signing import to_text
from zhishiyun_server import wire
from zhishiyun_server.access import (
    STAFF_COOKIE,
    StaffMember,
    address_of,
    bearer_of,
    staff_member,
)
from zhishiyun_server.domain.roles import Power
from zhishiyun_server.keep import audit
from zhishiyun_server.keep.audit import AuditRow, note
from zhishiyun_server.keep.exams import exam_row
from zhishiyun_server.keep.overview import CandidateLine, ExamLine, candidates_of, exams_of
from zhishiyun_server.keep.staff import (
    SESSION_S,
    end_staff_session,
    is_password,
    open_staff_session,
)
from zhishiyun_server.keep.tables import candidates
from zhishiyun_server.premises import Premises, premises_of
from zhishiyun_server.problems import refusal
from zhishiyun_server.routes.operation import Auth, Operation


class StaffLogin(msgspec.Struct, frozen=True, kw_only=True):
    """POST /v1/staff/sessions."""

    name: str
    password: str


class StaffSession(msgspec.Struct, frozen=True, kw_only=True):
    """201; the same token is in the cookie."""

    token: str
    role: str
    expires_s: int  # real seconds from now


class LotsRevealed(msgspec.Struct, frozen=True, kw_only=True):
    """The draw as anybody can recompute it (R083): group → ticket id → number."""

    commitment: str
    seed: str
    numbers: dict[str, dict[str, int]]


async def log_in(request: Request) -> Response:
    """Name and password for a token."""
    premises = premises_of(request)
    premises.rates.staff_per_address.take(address_of(request))
    login = await wire.read(request, StaffLogin)
    role = await asyncio.to_thread(
        premises.database.read, lambda c: is_password(c, login.name, login.password)
    )
    if role is None:
        await audited(premises, None, "staff.refused", "")
        raise refusal("STAFF_REFUSED")
    token = await premises.database.write(lambda c: open_staff_session(c, login.name))
    await audited(premises, StaffMember(login.name, role), "staff.logged_in", login.name)
    answer = wire.answer(StaffSession(token=token, role=role.value, expires_s=SESSION_S), 201)
    answer.set_cookie(
        STAFF_COOKIE,
        token,
        max_age=SESSION_S,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer


async def log_out(request: Request) -> Response:
    """End the session."""
    staff_member(request, Power.SEE_EXAMS)
    token = bearer_of(request) or request.cookies.get(STAFF_COOKIE, "")
    await premises_of(request).database.write(lambda c: end_staff_session(c, token))
    answer = Response(status_code=204)
    answer.delete_cookie(STAFF_COOKIE, httponly=True, samesite="strict")
    return answer


async def see_exams(request: Request) -> Response:
    """All exams of this server."""
    premises = premises_of(request)
    staff_member(request, Power.SEE_EXAMS)
    now_us = premises.clock.now_us()
    return wire.answer(premises.database.read(lambda c: exams_of(c, now_us)))


async def see_candidates(request: Request) -> Response:
    """Everybody of an exam, with phase, contact and upload (R200); names by role (R204)."""
    premises = premises_of(request)
    member = staff_member(request, Power.SEE_CANDIDATES)
    exam_id = request.path_params["exam_id"]
    if premises.database.read(lambda c: exam_row(c, exam_id)) is None:
        raise refusal("NOT_FOUND")
    with_names, now_us = member.may(Power.SEE_NAMES), premises.clock.now_us()
    lines = await asyncio.to_thread(  # a thousand candidates take longer than a loop may wait
        premises.database.read,
        lambda c: candidates_of(c, exam_id, now_us, with_names=with_names),
    )
    return wire.answer(lines)


async def see_lots(request: Request) -> Response:
    """Seed and numbers, once nobody can draw any more."""
    premises = premises_of(request)
    member = staff_member(request, Power.READ_AUDIT)
    exam_id = request.path_params["exam_id"]
    exam = premises.database.read(lambda c: exam_row(c, exam_id))
    if exam is None:
        raise refusal("NOT_FOUND")
    if not exam.lots_assigned:
        raise refusal("NOT_YET")
    rows = premises.database.read(
        lambda c: c.execute(select(candidates).where(candidates.c.exam_id == exam_id)).all()
    )
    numbers: dict[str, dict[str, int]] = {}
    for row in rows:
        numbers.setdefault(row.post, {})[row.ticket_id] = row.draw_number
    await audited(premises, member, "lottery.revealed", exam_id)
    return wire.answer(
        LotsRevealed(commitment=exam.draw_commitment, seed=to_text(exam.draw_seed), numbers=numbers)
    )


async def read_audit(request: Request) -> Response:
    """What everybody did, oldest first, each row chained to the one before."""
    premises = premises_of(request)
    staff_member(request, Power.READ_AUDIT)
    return wire.answer(premises.database.read(audit.rows))


async def audited(
    premises: Premises, member: StaffMember | None, what: str, subject: str, detail: str = ""
) -> None:
    """Write one audit row of a staff member's doing."""
    now_us = premises.clock.now_us()
    who, role = (member.name, member.role.value) if member else ("unknown", "")
    await premises.database.write(
        lambda c: note(c, now_us, what, subject, detail, who=who, role=role)
    )


OPERATIONS = (
    Operation(
        "POST",
        "/v1/staff/sessions",
        log_in,
        "Log in",
        Auth.NOBODY,
        StaffLogin,
        StaffSession,
        201,
    ),
    Operation("DELETE", "/v1/staff/sessions", log_out, "Log out", Auth.STAFF, status=204),
    Operation(
        "GET", "/v1/staff/exams", see_exams, "All exams", Auth.STAFF, None, tuple[ExamLine, ...]
    ),
    Operation(
        "GET",
        "/v1/staff/exams/{exam_id}/candidates",
        see_candidates,
        "Everybody of an exam",
        Auth.STAFF,
        None,
        tuple[CandidateLine, ...],
    ),
    Operation(
        "GET",
        "/v1/staff/exams/{exam_id}/draw",
        see_lots,
        "The draw, revealed",
        Auth.STAFF,
        None,
        LotsRevealed,
    ),
    Operation(
        "GET",
        "/v1/staff/audit",
        read_audit,
        "The audit chain",
        Auth.STAFF,
        None,
        tuple[AuditRow, ...],
    ),
)
