"""The phones that film from behind: what each says of itself, and what everybody sees of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, String, bindparam, func, select

from zhishiyun_protocol.evidence.layout import Source
from zhishiyun_protocol.messages.evidence import Receipt
from zhishiyun_protocol.messages.live import NewsKind
from zhishiyun_protocol.messages.phone import PhonePhase, PhoneStatus, PhoneWish
from zhishiyun_protocol.messages.sitting import PhoneState
from zhishiyun_server.keep.newsroom import tell
from zhishiyun_server.keep.tables import chunks, phones, recordings
from zhishiyun_server.keep.tokens import hash_of

SILENT_REAL_S = 20.0  # a phone speaks every 5 s: three missed words, and one on its way
WORKING = (
    PhonePhase.SWEEP,
    PhonePhase.PLACING,
    PhonePhase.RECORDING,
    PhonePhase.INTERRUPTED,
    PhonePhase.STOPPED,
    PhonePhase.UPLOADING,
)
"""Phases in which a phone that says nothing is missed."""

ANSWERED = {PhoneWish.AIM: PhonePhase.PLACING, PhoneWish.SWEEP: PhonePhase.SWEEP}
"""The phase by which a phone does what was wished."""

_GIB = 1 << 30
_STEP_BYTES = 1 << 18  # as finely as the computer hears of what waits on the phone
_CODE_CHARS, _MOST_CODES = 32, 12


# Built once: building a statement costs more than asking it, and every phone speaks every 5 s.
_WHICH = bindparam("which", type_=String)
_BY_TOKEN = select(phones).where(phones.c.token_hash == _WHICH)
_BY_RECORDING = select(phones).where(phones.c.recording_id == _WHICH)
_PARTS_OF = (
    select(
        recordings.c.id,
        recordings.c.attempt_id,
        recordings.c.receipt,
        phones.c.log_bytes,
        phones.c.waiting_bytes,
    )
    .outerjoin(phones, phones.c.recording_id == recordings.c.id)
    .where(recordings.c.source == Source.PHONE.value)
)
_PARTS_OF_ONE = _PARTS_OF.where(recordings.c.attempt_id == _WHICH)
_SAID = phones.update().where(phones.c.token_hash == _WHICH)
_TOLD = phones.update().where(phones.c.recording_id == _WHICH)


@dataclass(frozen=True, slots=True)
class PhoneSeat:
    """Who is calling: a phone that was bound. `ended`: another one was bound since."""

    attempt_id: str
    recording_id: str
    token_hash: str
    ended: bool


@dataclass(slots=True)
class Part:
    """One phone's recording as the server has it."""

    held_bytes: int
    log_bytes: int
    receipt: Receipt | None

    @property
    def counts(self) -> bool:
        """Whether anything was filmed; a phone that was only bound leaves no part."""
        return self.log_bytes > 0 or self.held_bytes > 0


def seat_of_phone(connection: Connection, token: str, now_us: int) -> PhoneSeat | None:
    """The phone behind a bearer; None where it is not known (any more)."""
    row = connection.execute(_BY_TOKEN, {"which": hash_of(token)}).first()
    if row is None or row.expires_us <= now_us:
        return None
    return PhoneSeat(row.attempt_id, row.recording_id, row.token_hash, row.ended_us is not None)


def phone_row(connection: Connection, attempt_id: str) -> Row[Any] | None:
    """The phone that is bound now."""
    return connection.execute(
        select(phones).where(phones.c.attempt_id == attempt_id, phones.c.ended_us.is_(None))
    ).first()


def is_filming(row: Row[Any] | None) -> bool:
    """Whether a phone films, as far as its newest word goes."""
    return row is not None and row.phase == PhonePhase.RECORDING and row.silent_us is None


def keep_status(connection: Connection, seat: PhoneSeat, status: PhoneStatus, now_us: int) -> None:
    """Remember what a phone says of itself."""
    row = connection.execute(_BY_TOKEN, {"which": seat.token_hash}).one()
    fulfilled = row.wish and status.phase == ANSWERED[PhoneWish(row.wish)]
    said = {
        "battery_share": status.battery_share,
        "free_bytes": status.free_bytes,
        "seen_us": now_us,
        "silent_us": None,
        "phase": status.phase[:16],
        "recorded_s": status.recorded_s,
        "log_bytes": status.log_bytes,
        "waiting_bytes": status.waiting_bytes,
        "troubles": _codes(status.troubles),
        "interruptions": status.interruptions,
        "interrupted_s": status.interrupted_s,
        "last_cause": status.last_cause[:_CODE_CHARS],
        "wish": "" if fulfilled else row.wish,
    }
    connection.execute(_SAID, {"which": seat.token_hash, **said})


def tell_if_changed(connection: Connection, recording_id: str, now_us: int, *, ended: bool) -> bool:
    """Tell the candidate's computer where it would show something else; whether it was told.

    ended: the exam is over: from now on the bytes that wait are looked at as well.
    """
    row = connection.execute(_BY_RECORDING, {"which": recording_id}).one()
    if (shown := _shown(row, ended)) == row.told:
        return False
    connection.execute(_TOLD, {"which": recording_id, "told": shown})
    tell(connection, row.attempt_id, NewsKind.PHONE, now_us)
    return True


def silent_rows(connection: Connection, before_us: int) -> Sequence[Row[Any]]:
    """The phones that should speak, were last heard before then, and are not marked yet."""
    return connection.execute(
        select(phones).where(
            phones.c.ended_us.is_(None),
            phones.c.silent_us.is_(None),
            phones.c.phase.in_([phase.value for phase in WORKING]),
            phones.c.seen_us < before_us,
        )
    ).all()


def mark_silent(connection: Connection, before_us: int, now_us: int) -> list[str]:
    """Mark them, and tell their computers; returns their attempts."""
    found = silent_rows(connection, before_us)
    for row in found:
        connection.execute(
            phones.update()
            .where(phones.c.recording_id == row.recording_id)
            .values(silent_us=row.seen_us)
        )
        tell_if_changed(connection, row.recording_id, now_us, ended=False)
    return [row.attempt_id for row in found]


def wish_for(connection: Connection, attempt_id: str, wish: PhoneWish) -> bool:
    """Ask something of the phone that is bound now; whether there is one."""
    return bool(
        connection.execute(
            phones.update()
            .where(phones.c.attempt_id == attempt_id, phones.c.ended_us.is_(None))
            .values(wish=wish.value)
        ).rowcount
    )


def state_by_word(
    connection: Connection, seat: PhoneSeat, due_us: int
) -> tuple[PhoneState, list[PhoneWish]]:
    """The state of the phone that asks, and what staff asked of it and it has not done yet.

    Of the bytes held by the phones' own word: quick.
    """
    row = connection.execute(_BY_RECORDING, {"which": seat.recording_id}).one()
    parts: dict[str, Part] = {}
    for each in connection.execute(_PARTS_OF_ONE, {"which": seat.attempt_id}):
        log_bytes, waiting_bytes = each.log_bytes or 0, each.waiting_bytes or 0
        parts[each.id] = Part(log_bytes - waiting_bytes, log_bytes, _receipt(each.receipt))
    return _state(row, parts, due_us), [PhoneWish(row.wish)] if row.wish else []


def phone_states(
    connection: Connection, attempts: Iterable[str], due_us: dict[str, int]
) -> dict[str, PhoneState]:
    """By attempt: the phone that is bound now and what all phones' recordings still lack."""
    names = tuple(attempts)
    bound = {
        row.attempt_id: row
        for row in connection.execute(
            select(phones).where(phones.c.attempt_id.in_(names), phones.c.ended_us.is_(None))
        )
    }
    parts = _parts(connection, names, _held(connection, names))
    return {name: _state(bound.get(name), parts.get(name, {}), due_us.get(name)) for name in names}


def _state(row: Row[Any] | None, parts: dict[str, Part], due_us: int | None) -> PhoneState:
    real = [part for part in parts.values() if part.counts]
    missing = [part for part in real if part.receipt is None]
    now = PhoneState(bound=False) if row is None else shape_of(row)
    return msgspec.structs.replace(
        now,
        held_bytes=parts[row.recording_id].held_bytes if row is not None else 0,
        parts=len(real),
        filmed_bytes=sum(max(part.log_bytes, part.held_bytes) for part in real),
        parts_missing=len(missing),
        missing_bytes=sum(max(0, part.log_bytes - part.held_bytes) for part in missing),
        complete=bool(real) and not missing,
        late=any(part.receipt is not None and part.receipt.body.late for part in real),
        closes_us=due_us,
    )


def shape_of(row: Row[Any]) -> PhoneState:
    """What a phone says of itself; of the bytes held, its own word."""
    return PhoneState(
        bound=row.ended_us is None,
        name=row.name,
        battery_share=row.battery_share,
        free_bytes=row.free_bytes,
        seen_us=row.seen_us,
        phase=row.phase,
        silent=row.silent_us is not None,
        recorded_s=row.recorded_s,
        log_bytes=row.log_bytes,
        waiting_bytes=row.waiting_bytes,
        held_bytes=max(0, row.log_bytes - row.waiting_bytes),
        troubles=msgspec.json.decode(row.troubles, type=tuple[str, ...]),
        interruptions=row.interruptions,
        interrupted_s=row.interrupted_s,
        last_cause=row.last_cause,
    )


def _held(connection: Connection, names: tuple[str, ...]) -> dict[str, int]:
    """By phone's recording: what is durable here."""
    found = connection.execute(
        select(chunks.c.recording_id, func.sum(chunks.c.end_byte - chunks.c.first_byte))
        .join(recordings, recordings.c.id == chunks.c.recording_id)
        .where(recordings.c.attempt_id.in_(names), recordings.c.source == Source.PHONE.value)
        .group_by(chunks.c.recording_id)
    )
    return {row[0]: int(row[1]) for row in found}  # a sum may be a Decimal


def _parts(
    connection: Connection, names: tuple[str, ...], held: dict[str, int]
) -> dict[str, dict[str, Part]]:
    """By attempt, by recording."""
    found: dict[str, dict[str, Part]] = {}
    for row in connection.execute(_PARTS_OF.where(recordings.c.attempt_id.in_(names))):
        part = Part(held.get(row.id, 0), row.log_bytes or 0, _receipt(row.receipt))
        found.setdefault(row.attempt_id, {})[row.id] = part
    return found


def _receipt(encoded: bytes | None) -> Receipt | None:
    return msgspec.json.decode(encoded, type=Receipt) if encoded else None


def _shown(row: Row[Any], ended: bool) -> str:
    """What the computer shows of a phone, as coarsely as it is shown."""
    battery = None if row.battery_share is None else round(row.battery_share * 20)
    free = None if row.free_bytes is None else row.free_bytes // _GIB
    waiting = row.waiting_bytes // _STEP_BYTES if ended else 0
    told = (
        row.phase, row.silent_us is not None, row.troubles, row.interruptions, row.last_cause,
        row.ended_us is not None, battery, free, waiting,
    )  # fmt: skip
    return msgspec.json.encode(told).decode()


def _codes(troubles: tuple[str, ...]) -> str:
    kept = [code[:_CODE_CHARS] for code in troubles[:_MOST_CODES]]
    return msgspec.json.encode(kept).decode()
