"""/v1/logins: from an enrolled device to a session (R041–R046)."""

from __future__ import annotations

import base64
import binascii
import secrets
from typing import Any

import msgspec
from sqlalchemy import Connection, Row
from starlette.requests import Request
from starlette.responses import Response

from zhishiyun_protocol.errors import Refused
from zhishiyun_protocol.messages.entering import (
    FaceResult,
    Login,
    LoginOpened,
    LoginState,
    LoginStatus,
    ManualReason,
    ManualRequest,
)
from zhishiyun_protocol.plan import ExamPlan, Factor, Liveness
from zhishiyun_protocol.signing import from_text, is_signed
from zhishiyun_server import wire
from zhishiyun_server.access import address_of, bearer_of, settled
from zhishiyun_server.clock import ExamClock
from zhishiyun_server.domain.doors import login_door
from zhishiyun_server.keep.arriving import note_arrival
from zhishiyun_server.keep.audit import note
from zhishiyun_server.keep.enrolling import candidate_row
from zhishiyun_server.keep.exams import exam_row, plan_of
from zhishiyun_server.keep.logins import (
    Opened,
    admit,
    count_failure,
    decide,
    login_row,
    open_login,
    session_again,
)
from zhishiyun_server.keep.sessions import has_live_session
from zhishiyun_server.keep.tables import attempts, logins
from zhishiyun_server.office.photos import is_photo
from zhishiyun_server.premises import premises_of
from zhishiyun_server.problems import Refusal, refusal
from zhishiyun_server.routes.operation import Auth, Operation

PROOF_REAL_S = 300
LOGIN_REAL_S = 3600
PHOTO_BODY_BYTES = 3 * 1024 * 1024


async def open_(request: Request) -> Response:
    """Begin a login; the window, the device, the numbers and other sessions decide."""
    premises = premises_of(request)
    arrived_us = premises.clock.now_us()
    premises.rates.login_per_address.take(address_of(request))
    login = await wire.read(request, Login)
    premises.rates.login_per_ticket.take(login.ticket_id)
    opened, plan, candidate, state = settled(
        await premises.database.write(lambda c: _open(c, login, arrived_us, premises.clock))
    )
    wants_face = Factor.FACE in plan.login.factors
    photo = premises.blobs.get(candidate.photo_sha256) if wants_face else b""
    wants_id = Factor.ID_PHOTO in plan.login.factors and candidate.id_photo_sha256
    id_photo = premises.blobs.get(candidate.id_photo_sha256) if wants_id else b""
    return wire.answer(
        LoginOpened(
            login_id=opened.login_id,
            login_secret=opened.secret,
            state=state,
            factors=plan.login.factors,
            attempts_left=_attempts_left(plan, candidate),
            reference_photo=base64.b64encode(photo).decode(),
            id_photo=base64.b64encode(id_photo).decode(),
        ),
        201,
    )


async def send_face(request: Request) -> Response:
    """What the device found; matched makes a session, a failure costs one try."""
    premises = premises_of(request)
    result = await wire.read(request, FaceResult)

    def job(c: Connection, row: Row[Any]) -> LoginStatus | Refusal:
        plan, starts_us, candidate = _exam_of(c, row)
        now_us = premises.clock.now_us()
        if row.state == LoginState.ADMITTED:
            return _status(c, row, now_us)
        if row.state == LoginState.REFUSED:
            return refusal("LOGIN_DECIDED")
        if Factor.FACE not in plan.login.factors:
            return refusal("FACE_NOT_ASKED")
        left = _attempts_left(plan, candidate)
        if left <= 0:
            return refusal("FACE_ATTEMPTS_USED")
        if not result.matched or not _is_alive(plan, result) or not _is_of_id(plan, result):
            count_failure(c, row.ticket_id)
            note(c, now_us, "login.face.failed", row.ticket_id, _told_of(result))
            return LoginStatus(state=LoginState(row.state), attempts_left=left - 1)
        decide(c, row.id, LoginState.ADMITTED)
        note(c, now_us, "login.face.matched", row.ticket_id, _told_of(result))
        session, attempt_id = admit(c, row, plan, starts_us, now_us, "face")
        return LoginStatus(
            state=LoginState.ADMITTED,
            attempts_left=left,
            session=session,
            attempt_id=attempt_id,
        )

    return await _answer(request, job)


def _told_of(result: FaceResult) -> str:
    """What is kept of a result: numbers and versions, so that it can be looked at again."""
    told = f"score {result.score:.3f} of {result.frames}, pack {result.pack[:80]}"
    if result.id_score is not None:
        told += f", ID photo {result.id_score:.3f}"
    return f"{told}, {result.liveness[:120]}" if result.liveness else told


def _is_alive(plan: ExamPlan, result: FaceResult) -> bool:
    """Whether the device saw the head turns that the plan asks for."""
    return plan.login.liveness is Liveness.OFF or result.liveness.endswith(":passed")


def _is_of_id(plan: ExamPlan, result: FaceResult) -> bool:
    """Whether the device compared with the ID card's photo, where the plan asks for 人证."""
    return Factor.ID_PHOTO not in plan.login.factors or result.id_score is not None


async def ask_manual(request: Request) -> Response:
    """【改用人工核验】: a live picture for the technician; no machine refuses alone."""
    premises = premises_of(request)
    wanted = await wire.read(request, ManualRequest, PHOTO_BODY_BYTES)
    photo = _live_photo(wanted)
    await _answer(request, _status_job(premises.clock))  # no file for a login that is not known
    digest = premises.blobs.put(photo) if photo else ""

    def job(c: Connection, row: Row[Any]) -> LoginStatus | Refusal:
        now_us = premises.clock.now_us()
        if row.state in (LoginState.ADMITTED, LoginState.REFUSED):
            return refusal("LOGIN_DECIDED")
        decide(c, row.id, LoginState.MANUAL_PENDING, wanted.reason[:500])
        c.execute(
            logins.update()
            .where(logins.c.id == row.id)
            .values(live_photo_sha256=digest, manual_us=row.manual_us or now_us)
        )
        fresh = login_row(c, row.id, bearer_of(request), now_us)
        return _status(c, fresh, now_us)

    return await _answer(request, job)


def _live_photo(wanted: ManualRequest) -> bytes:
    """The picture; b"" from a computer whose camera gives none (F02).

    Raises:
        Refusal: PHOTO_UNREADABLE.
    """
    if not wanted.live_photo and wanted.reason == ManualReason.NO_CAMERA:
        return b""
    try:
        photo = base64.b64decode(wanted.live_photo, validate=True)
    except (binascii.Error, ValueError):
        raise refusal("PHOTO_UNREADABLE") from None
    if not is_photo(photo):
        raise refusal("PHOTO_UNREADABLE")
    return photo


async def see(request: Request) -> Response:
    """Where a login stands; polled while a technician looks."""
    return await _answer(request, _status_job(premises_of(request).clock))


def _status_job(clock: ExamClock) -> Any:
    return lambda c, row: _status(c, row, clock.now_us())


async def _answer(request: Request, job: Any) -> Response:
    """Run a job on the login that the secret belongs to."""
    premises = premises_of(request)
    secret, login_id = bearer_of(request), request.path_params["login_id"]
    outcome = await premises.database.write(
        lambda c: job(c, login_row(c, login_id, secret, premises.clock.now_us()))
    )
    status: LoginStatus = settled(outcome)
    if status.session:
        premises.switchboard.ring(status.attempt_id)
    if status.state is LoginState.MANUAL_PENDING:
        looked_at = premises.viewing.is_wanted(login_id)
        status = msgspec.structs.replace(status, picture_wanted=looked_at)
    return wire.answer(status)


def _open(
    c: Connection, login: Login, arrived_us: int, clock: ExamClock
) -> tuple[Opened, ExamPlan, Row[Any], LoginState] | Refusal:
    candidate = candidate_row(c, login.ticket_id)
    if candidate is None or not candidate.device_key:
        return refusal("NOT_ENROLLED")
    exam = exam_row(c, candidate.exam_id)
    if exam is None:
        return refusal("NOT_ENROLLED")
    plan = plan_of(exam.plan)
    problem = _proof_fault(login, candidate.device_key, arrived_us, clock) or _rule_fault(
        c, login, candidate, exam, arrived_us
    )
    if problem is not None:
        note_arrival(c, login.ticket_id, "login", arrived_us, problem.code)
        return problem
    note_arrival(c, login.ticket_id, "login", arrived_us)
    needs_face = Factor.FACE in plan.login.factors
    state = LoginState.FACE_WANTED if needs_face else LoginState.ADMITTED
    opened = open_login(c, login, state, arrived_us, clock.after_real_us(LOGIN_REAL_S))
    return opened, plan, candidate, state


def _proof_fault(
    login: Login, device_key: str, arrived_us: int, clock: ExamClock
) -> Refusal | None:
    message = f"{login.ticket_id}.{login.sent_us}".encode()
    try:
        genuine = is_signed(from_text(device_key), "login", message, from_text(login.proof))
    except Refused:
        genuine = False
    if not genuine:
        return refusal("PROOF_WRONG")
    if abs(arrived_us - login.sent_us) > PROOF_REAL_S * clock.speed * 1e6:
        return refusal("PROOF_STALE")
    return None


def _rule_fault(
    c: Connection, login: Login, candidate: Row[Any], exam: Row[Any], arrived_us: int
) -> Refusal | None:
    plan = plan_of(exam.plan)
    entered = c.execute(
        attempts.select().where(
            attempts.c.ticket_id == login.ticket_id, attempts.c.entered_us.is_not(None)
        )
    ).first()
    door = login_door(plan, exam.starts_us, arrived_us, entered=entered is not None)
    if not door.open:
        return refusal(door.code, opens_us=door.opens_us, closes_us=door.closes_us)
    if Factor.NUMBERS in plan.login.factors:
        given = f"{login.id_number.strip().upper()}\0{login.ticket_number.strip()}"
        right = f"{candidate.id_number}\0{candidate.ticket_number}"
        if not secrets.compare_digest(given.encode(), right.encode()):
            return refusal("NUMBERS_WRONG")
    if not login.take_over and has_live_session(c, login.ticket_id, arrived_us):
        return refusal("SESSION_ELSEWHERE")
    return None


def _status(c: Connection, row: Row[Any], now_us: int) -> LoginStatus:
    """The state; the first to see an admission gets the session."""
    plan, starts_us, candidate = _exam_of(c, row)
    session = attempt_id = ""
    if row.state == LoginState.ADMITTED:
        found = session_again(c, row.id, now_us)
        by = "manual" if row.manual_us is not None else "numbers"
        session, attempt_id = found or admit(c, row, plan, starts_us, now_us, by)
    waits = row.state == LoginState.MANUAL_PENDING and row.manual_us is not None
    return LoginStatus(
        state=LoginState(row.state),
        attempts_left=_attempts_left(plan, candidate),
        session=session,
        attempt_id=attempt_id,
        reason=row.reason if row.state == LoginState.REFUSED else "",
        waiting_s=max(0, (now_us - row.manual_us) // 1_000_000) if waits else 0,
    )


def _exam_of(c: Connection, row: Row[Any]) -> tuple[ExamPlan, int, Row[Any]]:
    candidate = candidate_row(c, row.ticket_id)
    exam = exam_row(c, candidate.exam_id) if candidate is not None else None
    if candidate is None or exam is None:
        raise refusal("LOGIN_UNKNOWN")
    return plan_of(exam.plan), exam.starts_us, candidate


def _attempts_left(plan: ExamPlan, candidate: Row[Any]) -> int:
    return max(0, plan.login.attempts - int(candidate.face_failures))


OPERATIONS = (
    Operation("POST", "/v1/logins", open_, "Begin a login", Auth.NOBODY, Login, LoginOpened, 201),
    Operation(
        "POST",
        "/v1/logins/{login_id}/face",
        send_face,
        "What the device's face match found",
        Auth.LOGIN,
        FaceResult,
        LoginStatus,
    ),
    Operation(
        "POST",
        "/v1/logins/{login_id}/manual",
        ask_manual,
        "Ask for a technician's check",
        Auth.LOGIN,
        ManualRequest,
        LoginStatus,
    ),
    Operation(
        "GET",
        "/v1/logins/{login_id}",
        see,
        "Where a login stands",
        Auth.LOGIN,
        None,
        LoginStatus,
    ),
)
