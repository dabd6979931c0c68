"""佐证绑定: a code that lives five minutes and works once (R060–R063)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, or_, select

from zhishiyun_protocol.evidence.layout import Source
from zhishiyun_protocol.messages.live import NewsKind
from zhishiyun_server.keep.audit import note
from zhishiyun_server.keep.newsroom import tell
from zhishiyun_server.keep.recordings import Recording, add_phones, recordings_of
from zhishiyun_server.keep.tables import bindings, phones
from zhishiyun_server.keep.tokens import hash_of, new_token
from zhishiyun_server.problems import refusal

CODE_DIGITS = 10
MOST_PHONES = 20  # of one attempt; each may fill a quota of its own


@dataclass(frozen=True, slots=True)
class Code:
    """What the desk shows; told once."""

    code: str
    secret: str


@dataclass(frozen=True, slots=True)
class Bound:
    """A phone that was bound; the token is told once."""

    token: str
    attempt_id: str
    recording_id: str


Expires = Callable[[Connection, str], int]  # until when a phone of this attempt may call


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


def bind_phone(
    connection: Connection, word: str, device_key: str, name: str, now_us: int, expires_us: Expires
) -> Bound:
    """Use a code or secret; an older phone ends, and may still send what it has recorded.

    The same device with the same word is answered again: the first answer may have been lost. A
    device that was bound before goes on with its own recording, as long as that is not sealed.

    Raises:
        Refusal: BINDING_WRONG, PHONES_TOO_MANY.
    """
    hashed = hash_of(word)
    row = connection.execute(
        select(bindings).where(
            or_(bindings.c.secret_hash == hashed, bindings.c.code_hash == hashed)
        )
    ).first()
    if row is None or row.expires_us <= now_us or row.device_key not in ("", device_key):
        raise refusal("BINDING_WRONG")
    connection.execute(
        bindings.update()
        .where(bindings.c.attempt_id == row.attempt_id)
        .values(device_key=device_key)
    )
    known = recordings_of(connection, row.attempt_id)
    recording = next(
        (
            each
            for each in known
            if each.source is Source.PHONE and each.device_key == device_key and not each.sealed
        ),
        None,
    )
    _end_others(connection, row.attempt_id, recording, now_us)
    token = new_token()
    if recording is None:
        if len(known) > MOST_PHONES:
            raise refusal("PHONES_TOO_MANY")
        recording_id = add_phones(connection, row.attempt_id, device_key, now_us)
        connection.execute(
            phones.insert().values(
                token_hash=hash_of(token),
                attempt_id=row.attempt_id,
                recording_id=recording_id,
                name=name[:128],
                bound_us=now_us,
                expires_us=expires_us(connection, row.attempt_id),
                seen_us=now_us,
            )
        )
    else:
        recording_id = recording.id
        connection.execute(
            phones.update()
            .where(phones.c.recording_id == recording_id)
            .values(token_hash=hash_of(token), name=name[:128], ended_us=None, seen_us=now_us)
        )
    tell(connection, row.attempt_id, NewsKind.PHONE, now_us)
    note(connection, now_us, "phone.bound", recording_id)
    return Bound(token, row.attempt_id, recording_id)


def _end_others(
    connection: Connection, attempt_id: str, but: Recording | None, now_us: int
) -> None:
    """Every other phone of this attempt stops filming when it next asks."""
    others = phones.update().where(phones.c.attempt_id == attempt_id, phones.c.ended_us.is_(None))
    if but is not None:
        others = others.where(phones.c.recording_id != but.id)
    connection.execute(others.values(ended_us=now_us))
