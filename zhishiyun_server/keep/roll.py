"""What is known of everybody of one exam: so many questions, however many candidates."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select

from zhishiyun_protocol.messages.entering import LoginState
from zhishiyun_protocol.messages.sitting import ActKind, PhoneState
from zhishiyun_server.keep.arriving import OPEN
from zhishiyun_server.keep.findings import FindingLine, findings_of
from zhishiyun_server.keep.phones import phone_states
from zhishiyun_server.keep.tables import (
    acts,
    alarms,
    arrivals,
    attempts,
    candidates,
    chunks,
    contacts,
    help_lines,
    logins,
    recordings,
)

_CONTACT = (  # all but the thumbnail, which is large
    contacts.c.attempt_id,
    contacts.c.seen_us,
    contacts.c.phase,
    contacts.c.recording,
    contacts.c.lag_bytes,
    contacts.c.dropped,
    contacts.c.notes,
)


@dataclass(frozen=True, slots=True)
class Roll:
    """By ticket: attempts, manual_us, refusals. By attempt: all others."""

    attempts: dict[str, Row[Any]]
    manual_us: dict[str, int]  # since when a login waits for a technician
    refusals: dict[str, int]
    contacts: dict[str, Row[Any]]
    phones: dict[str, PhoneState]
    consents: dict[str, str]  # the subject of the newest act of consent
    held_bytes: dict[str, int]
    help_us: dict[str, int]  # since when a question waits
    alarms: dict[str, tuple[str, ...]]
    findings: dict[str, tuple[FindingLine, ...]]


def roll_of(connection: Connection, exam_id: str) -> Roll:
    """Everything the list of candidates shows."""
    told: defaultdict[str, list[str]] = defaultdict(list)
    for row in connection.execute(
        _of_exam(select(alarms.c.attempt_id, alarms.c.code), alarms, exam_id).order_by(alarms.c.id)
    ):
        told[row.attempt_id].append(row.code)
    found = connection.execute(
        select(attempts, recordings.c.committed, recordings.c.receipt)
        .join(recordings, recordings.c.id == attempts.c.id)
        .where(attempts.c.exam_id == exam_id)
    ).all()
    seen = connection.execute(_of_exam(select(*_CONTACT), contacts, exam_id))
    return Roll(
        attempts={row.ticket_id: row for row in found},
        manual_us=_manual_us(connection, exam_id),
        refusals=_refusals(connection, exam_id),
        contacts={row.attempt_id: row for row in seen},
        phones=phone_states(connection, [row.id for row in found], {}),
        consents=_consents(connection, exam_id),
        held_bytes=_held_bytes(connection, exam_id),
        help_us=_help_us(connection, exam_id),
        alarms={attempt: tuple(codes) for attempt, codes in told.items()},
        findings=findings_of(connection, exam_id),
    )


def _of_exam(question: Any, table: Any, exam_id: str) -> Any:
    """Only rows of attempts of this exam."""
    return question.join(attempts, attempts.c.id == table.c.attempt_id).where(
        attempts.c.exam_id == exam_id
    )


def _by_ticket(question: Any, table: Any, exam_id: str) -> Any:
    """Only rows of candidates of this exam."""
    return (
        question.join(candidates, candidates.c.ticket_id == table.c.ticket_id)
        .where(candidates.c.exam_id == exam_id)
        .group_by(table.c.ticket_id)
    )


def _pairs(connection: Connection, question: Any) -> dict[str, int]:
    return {row[0]: row[1] for row in connection.execute(question)}


def _manual_us(connection: Connection, exam_id: str) -> dict[str, int]:
    asked = select(logins.c.ticket_id, func.min(logins.c.manual_us)).where(
        logins.c.state == LoginState.MANUAL_PENDING.value
    )
    return _pairs(connection, _by_ticket(asked, logins, exam_id))


def _refusals(connection: Connection, exam_id: str) -> dict[str, int]:
    asked = select(arrivals.c.ticket_id, func.count()).where(arrivals.c.outcome != OPEN)
    return _pairs(connection, _by_ticket(asked, arrivals, exam_id))


def _consents(connection: Connection, exam_id: str) -> dict[str, str]:
    asked = select(acts.c.attempt_id, acts.c.subject).where(acts.c.kind == ActKind.CONSENT.value)
    found = connection.execute(_of_exam(asked, acts, exam_id).order_by(acts.c.place))
    return {row.attempt_id: row.subject for row in found}


def _held_bytes(connection: Connection, exam_id: str) -> dict[str, int]:
    """Of the computers' recordings, which are called like their attempts."""
    asked = select(chunks.c.recording_id, func.sum(chunks.c.end_byte - chunks.c.first_byte))
    of_exam = asked.join(attempts, attempts.c.id == chunks.c.recording_id).where(
        attempts.c.exam_id == exam_id
    )
    found = _pairs(connection, of_exam.group_by(chunks.c.recording_id))
    return {attempt_id: int(held) for attempt_id, held in found.items()}  # a sum may be a Decimal


def _help_us(connection: Connection, exam_id: str) -> dict[str, int]:
    answered = (
        select(help_lines.c.attempt_id, func.max(help_lines.c.cursor).label("cursor"))
        .where(help_lines.c.from_staff.is_(True))
        .group_by(help_lines.c.attempt_id)
        .subquery()
    )
    asked = (
        select(help_lines.c.attempt_id, func.min(help_lines.c.received_us))
        .outerjoin(answered, answered.c.attempt_id == help_lines.c.attempt_id)
        .where(
            help_lines.c.from_staff.is_(False),
            help_lines.c.cursor > func.coalesce(answered.c.cursor, 0),
        )
        .group_by(help_lines.c.attempt_id)
    )
    return _pairs(connection, _of_exam(asked, help_lines, exam_id))
