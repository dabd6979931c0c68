"""佐证绑定: a code that lives five minutes and works once (R060–R063)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, or_, select

from zhishiyun_protocol.messages.live import NewsKind
from zhishiyun_server.keep.audit import note
from zhishiyun_server.keep.newsroom import tell
from zhishiyun_server.keep.tables import bindings, phones
from zhishiyun_server.keep.tokens import hash_of, new_token
from zhishiyun_server.problems import refusal

CODE_DIGITS = 10


@dataclass(frozen=True, slots=True)
class Code:
    """What the desk shows; told once."""

    code: str
    secret: str


def new_code(connection: Connection, attempt_id: str, expires_us: int) -> Code:
    """A fresh code; the older one dies."""
    code = Code("".join(secrets.choice("0123456789") for _ in range(CODE_DIGITS)), new_token())
    connection.execute(bindings.delete().where(bindings.c.attempt_id == attempt_id))
    connection.execute(
        bindings.insert().values(
            attempt_id=attempt_id,
            secret_hash=hash_of(code.secret),
            code_hash=hash_of(code.code),
            expires_us=expires_us,
        )
    )
    return code


def bind_phone(connection: Connection, word: str, name: str, now_us: int) -> tuple[str, str]:
    """Use up a code or secret; returns (the phone's token, attempt id). An older phone ends.

    Raises:
        Refusal: BINDING_WRONG.
    """
    hashed = hash_of(word)
    row = connection.execute(
        select(bindings).where(
            or_(bindings.c.secret_hash == hashed, bindings.c.code_hash == hashed)
        )
    ).first()
    if row is None or row.expires_us <= now_us:
        raise refusal("BINDING_WRONG")
    connection.execute(bindings.delete().where(bindings.c.attempt_id == row.attempt_id))
    connection.execute(
        phones.update()
        .where(phones.c.attempt_id == row.attempt_id, phones.c.ended_us.is_(None))
        .values(ended_us=now_us)
    )
    token = new_token()
    connection.execute(
        phones.insert().values(
            token_hash=hash_of(token),
            attempt_id=row.attempt_id,
            name=name[:128],
            bound_us=now_us,
            seen_us=now_us,
        )
    )
    tell(connection, row.attempt_id, NewsKind.PHONE, now_us)
    note(connection, now_us, "phone.bound", row.attempt_id)
    return token, row.attempt_id
