"""Many heartbeats in one transaction: few statements, however many candidates (design §4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from zhishiyun_protocol.messages.live import ChainHead, Heartbeat
from zhishiyun_server.keep.database import execute_hot, for_names
from zhishiyun_server.keep.findings import keep_findings
from zhishiyun_server.keep.heads import contact_values, head_values, keep_head
from zhishiyun_server.keep.tables import attempts, candidates, heads

_KEEP_CONTACT = (
    "INSERT INTO contacts (attempt_id, seen_us, phase, recording, held_bytes, lag_bytes, dropped,"
    " notes, thumbnail) VALUES (:attempt_id, :seen_us, :phase, :recording, :held_bytes,"
    " :lag_bytes, :dropped, :notes, :thumbnail)"
    " ON CONFLICT (attempt_id) DO UPDATE SET seen_us = excluded.seen_us, phase = excluded.phase,"
    " recording = excluded.recording, held_bytes = excluded.held_bytes,"
    " lag_bytes = excluded.lag_bytes, dropped = excluded.dropped, notes = excluded.notes,"
    " thumbnail = CASE WHEN excluded.thumbnail = '' THEN contacts.thumbnail"
    " ELSE excluded.thumbnail END"
)
_KEEP_HEAD = (
    "INSERT INTO heads (recording_id, records, length, head, signature, at_us)"
    " VALUES (:recording_id, :records, :length, :head, :signature, :at_us)"
    " ON CONFLICT (recording_id, records) DO NOTHING"
)
_COMMIT = (
    "UPDATE recordings SET committed = :records WHERE id = :recording_id AND committed < :records"
)
_STANDINGS = (
    "SELECT attempts.id, news_cursor, committed FROM attempts"
    " JOIN recordings ON recordings.id = attempts.id WHERE attempts.id IN "
)


@dataclass(frozen=True, slots=True)
class HeardBeat:
    """The newest heartbeat of one attempt, and a head if it carried one."""

    attempt_id: str
    heartbeat: Heartbeat
    received_us: int
    head: ChainHead | None


def keep_beats(connection: Connection, heard: Sequence[HeardBeat]) -> list[tuple[str, int, int]]:
    """Keep them; returns (attempt, newest news, committed) of each.

    A head is kept without looking at its signature: it must equal the chain when that arrives,
    and only where it does not, the signature decides who is wrong (`evidence/follower.py`).
    """
    contacts = [
        {"attempt_id": one.attempt_id, **contact_values(one.heartbeat, one.received_us)}
        for one in heard
    ]
    execute_hot(connection, _KEEP_CONTACT, contacts)
    keep_findings(connection, {one.attempt_id: one.heartbeat.findings for one in heard})
    _keep_heads(connection, [one for one in heard if one.head is not None])
    names = [one.attempt_id for one in heard]
    return [tuple(row) for row in for_names(connection, _STANDINGS, names)]


def _keep_heads(connection: Connection, heard: Sequence[HeardBeat]) -> None:
    rows = [head_values(h.attempt_id, h.head, h.received_us) for h in heard if h.head is not None]
    if not rows:
        return
    if execute_hot(connection, _KEEP_HEAD, rows) < len(rows):
        _compare(connection, heard)
    execute_hot(connection, _COMMIT, rows)


def _compare(connection: Connection, heard: Sequence[HeardBeat]) -> None:
    """Some place had a head already: where it says something else, look at the signatures."""
    told = [(one, one.head) for one in heard if one.head is not None]
    before = _known(connection, [(one.attempt_id, head.records) for one, head in told])
    for one, head in told:
        if before[one.attempt_id, head.records] != head.head:
            keep_head(connection, one.attempt_id, _key(connection, one), head, one.received_us)


def _known(
    connection: Connection, places: Sequence[tuple[object, object]]
) -> dict[tuple[str, int], str]:
    """Heads that are there already at these places: a second word about one place is rare."""
    records = {records for _, records in places}
    found = connection.execute(
        select(heads.c.recording_id, heads.c.records, heads.c.head).where(
            heads.c.recording_id.in_([attempt for attempt, _ in places]),
            heads.c.records.in_(records),
        )
    )
    return {(row.recording_id, row.records): row.head for row in found}


def _key(connection: Connection, one: HeardBeat) -> str:
    key: str = connection.execute(
        select(candidates.c.device_key)
        .join(attempts, attempts.c.ticket_id == candidates.c.ticket_id)
        .where(attempts.c.id == one.attempt_id)
    ).scalar_one()
    return key
