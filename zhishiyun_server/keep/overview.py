"""The candidates of an exam as staff see them: states, never pictures, names only where allowed."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, func, select

from zhishiyun_protocol.messages.entering import LoginState
from zhishiyun_protocol.messages.evidence import Receipt
from zhishiyun_protocol.messages.sitting import PhoneState
from zhishiyun_protocol.plan import ExamPlan
from zhishiyun_protocol.timing import SECOND_US
from zhishiyun_server.keep.exams import exam_row, exam_rows, plan_of
from zhishiyun_server.keep.findings import FindingLine
from zhishiyun_server.keep.roll import Roll, roll_of
from zhishiyun_server.keep.tables import candidates, logins

CONSENT_ABOUT = "face:"


class ExamLine(msgspec.Struct, frozen=True, kw_only=True):
    """One exam in the list."""

    exam_id: str
    title: str
    starts_us: int
    now_us: int
    formal: bool
    candidates: int


class CandidateLine(msgspec.Struct, frozen=True, kw_only=True):
    """One candidate in the list. `name` and `ticket_number` are empty for who may not see them."""

    seat: str  # names the row where there is no attempt yet; says nothing of the person
    attempt_id: str = ""
    draw_number: int | None = None
    post: str = ""
    name: str = ""
    ticket_number: str = ""
    enrolled: bool = False
    phase: str = ""
    recording: bool = False
    seen_us: int | None = None
    entered_us: int | None = None
    verified_by: str = ""
    phone: PhoneState = PhoneState(bound=False)
    committed: int = 0
    held_bytes: int = 0
    lag_bytes: int = 0
    dropped: int = 0
    notes: tuple[str, ...] = ()
    findings: tuple[FindingLine, ...] = ()  # of the guard, as the newest heartbeat had them
    face: str = ""  # the newest decision about the face: given, declined, withdrawn
    sealed: bool = False
    complete: bool = False
    late: bool = False
    overdue: bool = False  # the time for the upload is over, and something is missing (R224)
    help_waiting_us: int | None = None
    manual_waiting_us: int | None = None
    alarms: tuple[str, ...] = ()
    refusals: int = 0
    reentries: int = 0  # how often the candidate came back into the exam (R104)


class WaitingLogin(msgspec.Struct, frozen=True, kw_only=True):
    """A login that waits for a technician."""

    login_id: str
    exam_id: str
    name: str
    ticket_number: str
    waiting_us: int
    reason: str
    approved_by: str


def exams_of(connection: Connection, now_us: int) -> tuple[ExamLine, ...]:
    """All exams."""
    counts: dict[str, int] = {
        row[0]: row[1]
        for row in connection.execute(
            select(candidates.c.exam_id, func.count()).group_by(candidates.c.exam_id)
        )
    }
    return tuple(
        ExamLine(
            exam_id=row.id,
            title=row.title,
            starts_us=row.starts_us,
            now_us=now_us,
            formal=row.formal,
            candidates=counts.get(row.id, 0),
        )
        for row in exam_rows(connection)
    )


def candidates_of(
    connection: Connection, exam_id: str, now_us: int, *, with_names: bool
) -> tuple[CandidateLine, ...]:
    """Everybody of an exam, by post and number."""
    exam = exam_row(connection, exam_id)
    plan = plan_of(exam.plan) if exam is not None else None
    found = connection.execute(
        select(candidates)
        .where(candidates.c.exam_id == exam_id)
        .order_by(candidates.c.post, candidates.c.draw_number, candidates.c.ticket_id)
    ).all()
    roll = roll_of(connection, exam_id)
    lines = []
    for row in found:
        line = CandidateLine(
            seat=row.ticket_id[-6:],
            draw_number=row.draw_number,
            post=row.post,
            name=row.name if with_names else "",
            ticket_number=row.ticket_number if with_names else "",
            enrolled=bool(row.device_key),
            manual_waiting_us=roll.manual_us.get(row.ticket_id),
            refusals=roll.refusals.get(row.ticket_id, 0),
        )
        line = _with_attempt(roll, row.ticket_id, line)
        if plan is not None and exam is not None and line.entered_us is not None:
            due_us = exam.starts_us + _latest_us(plan, row.subject, row.extra_share)
            lacks = not line.complete or line.phone.parts_missing > 0
            overdue = lacks and now_us > due_us
            line = msgspec.structs.replace(line, overdue=overdue)
        lines.append(line)
    return tuple(lines)


def waiting_logins(connection: Connection) -> tuple[WaitingLogin, ...]:
    """Logins that wait for a technician, longest first."""
    found = connection.execute(
        select(logins, candidates.c.exam_id, candidates.c.name, candidates.c.ticket_number)
        .join(candidates, candidates.c.ticket_id == logins.c.ticket_id)
        .where(logins.c.state == LoginState.MANUAL_PENDING.value)
        .order_by(logins.c.manual_us)
    )
    return tuple(
        WaitingLogin(
            login_id=row.id,
            exam_id=row.exam_id,
            name=row.name,
            ticket_number=row.ticket_number,
            waiting_us=row.manual_us,
            reason=row.reason,
            approved_by=row.approved_by,
        )
        for row in found
    )


def _latest_us(plan: ExamPlan, subject: str, extra_share: float) -> int:
    """After T0: when even the latest must have uploaded everything (R186)."""
    ends_s = plan.latest_end_s(subject) * (1 + extra_share)
    return round((ends_s + plan.upload.deadline_s) * SECOND_US)


def _with_attempt(roll: Roll, ticket_id: str, line: CandidateLine) -> CandidateLine:
    attempt = roll.attempts.get(ticket_id)
    if attempt is None:
        return line
    receipt = None
    if attempt.receipt is not None:
        receipt = msgspec.json.decode(attempt.receipt, type=Receipt)
    line = msgspec.structs.replace(
        line,
        attempt_id=attempt.id,
        entered_us=attempt.entered_us,
        reentries=attempt.reentries,
        verified_by=attempt.verified_by,
        phone=roll.phones[attempt.id],
        face=roll.consents.get(attempt.id, "").removeprefix(CONSENT_ABOUT),
        committed=attempt.committed,
        held_bytes=roll.held_bytes.get(attempt.id, 0),
        sealed=receipt is not None,
        complete=receipt is not None and receipt.body.complete,
        late=receipt is not None and receipt.body.late,
        help_waiting_us=roll.help_us.get(attempt.id),
        alarms=roll.alarms.get(attempt.id, ()),
    )
    contact = roll.contacts.get(attempt.id)
    if contact is None:
        return line
    return msgspec.structs.replace(
        line,
        phase=contact.phase,
        recording=contact.recording,
        seen_us=contact.seen_us,
        lag_bytes=contact.lag_bytes,
        dropped=contact.dropped,
        notes=msgspec.json.decode(contact.notes, type=tuple[str, ...]),
        findings=roll.findings.get(attempt.id, ()),
    )
