"""Logins: opened, decided by the device's face match or by a technician, turned into a session."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from zhishiyun_protocol.messages.entering import Login, LoginState
from zhishiyun_protocol.messages.live import NewsKind
from zhishiyun_protocol.plan import ExamPlan
from zhishiyun_server.domain.doors import rescue_ends_us
from zhishiyun_server.keep.audit import alarm, note
from zhishiyun_server.keep.newsroom import tell
from zhishiyun_server.keep.recordings import add_computers
from zhishiyun_server.keep.sessions import (
    RENEWED,
    TAKEN_OVER,
    end_sessions,
    has_live_session,
    open_session,
)
from zhishiyun_server.keep.tables import attempts, candidates, logins, sessions
from zhishiyun_server.keep.tokens import hash_of, new_id, new_token
from zhishiyun_server.problems import refusal


@dataclass(frozen=True, slots=True)
class Opened:
    """A login that has begun; the secret is told once."""

    login_id: str
    secret: str


def open_login(
    connection: Connection, login: Login, state: LoginState, now_us: int, expires_us: int
) -> Opened:
    """Begin a login."""
    secret = new_token()
    login_id = new_id("lg")
    connection.execute(
        logins.insert().values(
            id=login_id,
            secret_hash=hash_of(secret),
            ticket_id=login.ticket_id,
            state=state.value,
            take_over=login.take_over,
            opened_us=now_us,
            expires_us=expires_us,
        )
    )
    return Opened(login_id, secret)


def login_row(connection: Connection, login_id: str, secret: str, now_us: int) -> Row[Any]:
    """The login that this secret belongs to.

    Raises:
        Refusal: LOGIN_UNKNOWN.
    """
    row = connection.execute(select(logins).where(logins.c.id == login_id)).first()
    fits = row is not None and secrets.compare_digest(row.secret_hash, hash_of(secret))
    if row is None or not fits or row.expires_us <= now_us:
        raise refusal("LOGIN_UNKNOWN")
    return row


def count_failure(connection: Connection, ticket_id: str) -> None:
    """One face more that did not match, counted over all logins since the last admission."""
    connection.execute(
        candidates.update()
        .where(candidates.c.ticket_id == ticket_id)
        .values(face_failures=candidates.c.face_failures + 1)
    )


def decide(connection: Connection, login_id: str, state: LoginState, reason: str = "") -> None:
    """Set the outcome of a login."""
    connection.execute(
        logins.update().where(logins.c.id == login_id).values(state=state.value, reason=reason)
    )


def admit(
    connection: Connection, login: Row[Any], plan: ExamPlan, starts_us: int, now_us: int, by: str
) -> tuple[str, str]:
    """Turn a login into a session; returns (session token, attempt id). An older session ends.

    Raises:
        Refusal: SESSION_ELSEWHERE: somebody logged in meanwhile and no take-over was asked.
    """
    if not login.take_over and has_live_session(connection, login.ticket_id, now_us):
        raise refusal("SESSION_ELSEWHERE")
    attempt_id = _attempt(connection, login.ticket_id, now_us, by)
    if end_sessions(connection, attempt_id, now_us, TAKEN_OVER):
        tell(connection, attempt_id, NewsKind.TAKEN_OVER, now_us)
        alarm(connection, now_us, attempt_id, "SESSION_TAKEN_OVER", "by a login elsewhere")
    connection.execute(
        candidates.update().where(candidates.c.ticket_id == login.ticket_id).values(face_failures=0)
    )
    note(connection, now_us, f"login.admitted.{by}", attempt_id)
    token = open_session(connection, attempt_id, login.id, now_us, rescue_ends_us(plan, starts_us))
    return token, attempt_id


def session_again(connection: Connection, login_id: str, now_us: int) -> tuple[str, str] | None:
    """Whether a login was turned into a session: ("", attempt) once that has been used.

    While it was never used its answer may have been lost: a fresh token replaces it.
    """
    row = connection.execute(
        select(sessions).where(sessions.c.login_id == login_id, sessions.c.end_cause != RENEWED)
    ).first()
    if row is None:
        return None
    if row.used or row.ended_us is not None:
        return "", row.attempt_id
    connection.execute(
        sessions.update()
        .where(sessions.c.token_hash == row.token_hash)
        .values(ended_us=now_us, end_cause=RENEWED)
    )
    token = open_session(connection, row.attempt_id, login_id, now_us, row.expires_us)
    return token, row.attempt_id


def _attempt(connection: Connection, ticket_id: str, now_us: int, by: str) -> str:
    row = connection.execute(select(attempts.c.id).where(attempts.c.ticket_id == ticket_id)).first()
    if row is not None:
        connection.execute(attempts.update().where(attempts.c.id == row.id).values(verified_by=by))
        return str(row.id)
    attempt_id = new_id("at")
    exam_id = connection.execute(
        select(candidates.c.exam_id).where(candidates.c.ticket_id == ticket_id)
    ).scalar_one()
    connection.execute(
        attempts.insert().values(
            id=attempt_id,
            ticket_id=ticket_id,
            exam_id=exam_id,
            verified_by=by,
            created_us=now_us,
        )
    )
    add_computers(connection, attempt_id)
    return attempt_id
