"""Heartbeats and what they commit to."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, bindparam, select

from zhishiyun_protocol.errors import Refused
from zhishiyun_protocol.evidence.contents import HeadStatement
from zhishiyun_protocol.evidence.verify import HEAD_PURPOSE
from zhishiyun_protocol.messages.live import ChainHead, Heartbeat
from zhishiyun_protocol.signing import canonical_json, from_text, is_signed
from zhishiyun_server.keep.audit import alarm
from zhishiyun_server.keep.findings import keep_findings
from zhishiyun_server.keep.tables import contacts, heads, recordings

_AFTER = select(heads).where(
    heads.c.recording_id == bindparam("which"), heads.c.records > bindparam("reached")
)


def heads_after(connection: Connection, recording_id: str, records: int) -> dict[int, ChainHead]:
    """Record count → what the device committed to, beyond `records`."""
    found = connection.execute(_AFTER, {"which": recording_id, "reached": records})
    return {
        row.records: ChainHead(
            records=row.records, length=row.length, head=row.head, signature=row.signature
        )
        for row in found
    }


def keep_head(
    connection: Connection, recording_id: str, device_key: str, head: ChainHead, now_us: int
) -> None:
    """Keep a commitment whose signature fits; alarm when it does not, or contradicts another."""
    if not is_genuine(recording_id, device_key, head):
        alarm(connection, now_us, recording_id, "HEAD_FORGED", f"at record {head.records}")
        return
    known = heads_after(connection, recording_id, head.records - 1).get(head.records)
    if known is not None and known.head != head.head:
        if is_genuine(recording_id, device_key, known):
            alarm(connection, now_us, recording_id, "LOG_FORKED", f"at record {head.records}")
            return
        alarm(connection, now_us, recording_id, "HEAD_FORGED", f"at record {head.records}")
        connection.execute(
            heads.delete().where(
                heads.c.recording_id == recording_id, heads.c.records == head.records
            )
        )
    elif known is not None:
        return
    connection.execute(heads.insert().values(**head_values(recording_id, head, now_us)))
    connection.execute(
        recordings.update()
        .where(recordings.c.id == recording_id, recordings.c.committed < head.records)
        .values(committed=head.records)
    )


def head_values(recording_id: str, head: ChainHead, now_us: int) -> dict[str, object]:
    """A row of `heads`."""
    return {
        "recording_id": recording_id,
        "records": head.records,
        "length": head.length,
        "head": head.head[:64],
        "signature": head.signature[:128],
        "at_us": now_us,
    }


def is_genuine(recording_id: str, device_key: str, head: ChainHead) -> bool:
    """Whether the device signed this."""
    statement = HeadStatement(
        attempt=recording_id, head=head.head, length=head.length, records=head.records
    )
    try:
        key, signature = from_text(device_key), from_text(head.signature)
    except Refused:
        return False
    return is_signed(key, HEAD_PURPOSE, canonical_json(statement), signature)


def keep_contact(
    connection: Connection, attempt_id: str, heartbeat: Heartbeat, now_us: int
) -> None:
    """Remember the newest heartbeat; an empty thumbnail leaves the older one."""
    keep_findings(connection, {attempt_id: heartbeat.findings})
    values = contact_values(heartbeat, now_us)
    if not heartbeat.thumbnail:
        del values["thumbnail"]
    changed = connection.execute(
        contacts.update().where(contacts.c.attempt_id == attempt_id).values(**values)
    ).rowcount
    if not changed:
        values.setdefault("thumbnail", "")
        connection.execute(contacts.insert().values(attempt_id=attempt_id, **values))


def contact_values(heartbeat: Heartbeat, now_us: int) -> dict[str, object]:
    """A row of `contacts`, but for the attempt."""
    return {
        "seen_us": now_us,
        "phase": heartbeat.phase[:32],
        "recording": heartbeat.recording,
        "held_bytes": heartbeat.held_bytes,
        "lag_bytes": heartbeat.lag_bytes,
        "dropped": heartbeat.dropped,
        "notes": _notes(heartbeat.notes),
        "thumbnail": heartbeat.thumbnail,
    }


def _notes(told: tuple[str, ...]) -> str:
    if not told:
        return "[]"
    return msgspec.json.encode([note[:64] for note in told[:20]]).decode()
