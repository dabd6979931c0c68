"""Sessions of candidates: one alive at a time."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select

from zhishiyun_server.keep.tables import attempts, sessions
from zhishiyun_server.keep.tokens import hash_of, new_token
from zhishiyun_server.problems import refusal

TAKEN_OVER = "TAKEN_OVER"
RENEWED = "RENEWED"
_SEAT = (  # built once: building costs more than asking
    select(
        sessions.c.token_hash,
        sessions.c.expires_us,
        sessions.c.ended_us,
        sessions.c.end_cause,
        sessions.c.used,
        attempts.c.id,
        attempts.c.ticket_id,
        attempts.c.exam_id,
    )
    .join(attempts, attempts.c.id == sessions.c.attempt_id)
    .where(sessions.c.token_hash == bindparam("hashed"))
)


@dataclass(frozen=True, slots=True)
class Seat:
    """Who is calling: the holder of a session."""

    attempt_id: str
    ticket_id: str
    exam_id: str
    token_hash: str
    taken_over: bool = False
    used: bool = True


def seat_of(connection: Connection, token: str, now_us: int) -> Seat:
    """The seat behind a bearer; also of a session that was taken over, marked so.

    Raises:
        Refusal: SESSION_UNKNOWN.
    """
    row = connection.execute(_SEAT, {"hashed": hash_of(token)}).first()
    if row is None or row.expires_us <= now_us:
        raise refusal("SESSION_UNKNOWN")
    taken_over = row.end_cause == TAKEN_OVER
    if row.ended_us is not None and not taken_over:
        raise refusal("SESSION_UNKNOWN")
    return Seat(row.id, row.ticket_id, row.exam_id, row.token_hash, taken_over, row.used)


def has_live_session(connection: Connection, ticket_id: str, now_us: int) -> bool:
    """Whether somebody is logged in with this ticket."""
    found = connection.execute(
        select(sessions.c.token_hash)
        .join(attempts, attempts.c.id == sessions.c.attempt_id)
        .where(
            attempts.c.ticket_id == ticket_id,
            sessions.c.ended_us.is_(None),
            sessions.c.expires_us > now_us,
        )
    ).first()
    return found is not None


def end_sessions(connection: Connection, attempt_id: str, now_us: int, cause: str) -> int:
    """End all live sessions of an attempt; returns how many there were."""
    return connection.execute(
        sessions.update()
        .where(sessions.c.attempt_id == attempt_id, sessions.c.ended_us.is_(None))
        .values(ended_us=now_us, end_cause=cause)
    ).rowcount


def open_session(
    connection: Connection, attempt_id: str, login_id: str, now_us: int, expires_us: int
) -> str:
    """A new session; returns its token, which is told once."""
    token = new_token()
    connection.execute(
        sessions.insert().values(
            token_hash=hash_of(token),
            attempt_id=attempt_id,
            login_id=login_id,
            created_us=now_us,
            expires_us=expires_us,
        )
    )
    return token


def mark_used(connection: Connection, token_hash: str) -> None:
    """The client has the token: it is not told again."""
    connection.execute(
        sessions.update()
        .where(sessions.c.token_hash == token_hash, sessions.c.used.is_(False))
        .values(used=True)
    )
