"""Staff accounts: scrypt over the password, sessions of a working day."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time

from sqlalchemy import Connection, select

from zhishiyun_server.domain.roles import Role
from zhishiyun_server.keep.tables import staff, staff_sessions
from zhishiyun_server.keep.tokens import hash_of, new_token

SESSION_S = 12 * 3600
_NOBODY = b"\0" * 16


def scrypt(password: str, salt: bytes) -> bytes:
    """32 bytes. Source: RFC 7914; N=2¹⁵, r=8, p=1 as OWASP's password storage sheet lists."""
    return hashlib.scrypt(
        password.encode(), salt=salt, n=2**15, r=8, p=1, dklen=32, maxmem=64 * 1024 * 1024
    )


def put_staff(connection: Connection, name: str, role: Role, password: str) -> None:
    """Create an account, or give it another role and password; its sessions end."""
    salt = secrets.token_bytes(16)
    connection.execute(staff_sessions.delete().where(staff_sessions.c.name == name))
    values = {"role": role.value, "salt": salt, "password_hash": scrypt(password, salt)}
    if connection.execute(staff.update().where(staff.c.name == name).values(**values)).rowcount:
        return
    connection.execute(staff.insert().values(name=name, **values))


def is_password(connection: Connection, name: str, password: str) -> Role | None:
    """The role of an account whose password fits; takes as long for an unknown name."""
    row = connection.execute(select(staff).where(staff.c.name == name)).first()
    given = scrypt(password, row.salt if row else _NOBODY)
    if row is None or not hmac.compare_digest(given, row.password_hash):
        return None
    return Role(row.role)


def open_staff_session(connection: Connection, name: str) -> str:
    """A token that lives a working day of real time."""
    token = new_token()
    now_s = int(time.time())
    connection.execute(staff_sessions.delete().where(staff_sessions.c.expires_s <= now_s))
    connection.execute(
        staff_sessions.insert().values(
            token_hash=hash_of(token), name=name, expires_s=now_s + SESSION_S
        )
    )
    return token


def staff_of(connection: Connection, token: str) -> tuple[str, Role] | None:
    """Name and role behind a token."""
    row = connection.execute(
        select(staff.c.name, staff.c.role)
        .join(staff_sessions, staff_sessions.c.name == staff.c.name)
        .where(
            staff_sessions.c.token_hash == hash_of(token),
            staff_sessions.c.expires_s > int(time.time()),
        )
    ).first()
    return None if row is None else (row.name, Role(row.role))


def end_staff_session(connection: Connection, token: str) -> None:
    """Log out."""
    connection.execute(staff_sessions.delete().where(staff_sessions.c.token_hash == hash_of(token)))
