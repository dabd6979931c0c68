"""The phone yields: how fast it may send while the computer's own recording waits (issue 4).

Both stand behind one uplink, and the computer's recording counts first. What the server sees of
the line is what arrives of the computer's chunks; the phone gets a quarter of the whole.
"""

from __future__ import annotations

from sqlalchemy import Connection, String, bindparam, select

from zhishiyun_server.keep.tables import chunks, contacts

BACKLOG_BYTES = 512 * 1024  # less is the ordinary tail: what is being filmed and hashed
LOOK_REAL_S = 20.0  # over so long the computer's rate is taken
HEARD_REAL_S = 30.0  # an older heartbeat says nothing about now
SHARE_OF_THE_REST = 3  # a quarter of the line for the phone: a third of what the computer gets
LEAST_BYTES_PER_S = 8 * 1024  # never zero: a phone's recording must arrive on any line
NEWEST = 256  # chunks looked at, of 32 KiB or more each
_WHICH = bindparam("which", type_=String)  # statements are built once: every phone asks every 5 s
_CONTACT = select(contacts.c.seen_us, contacts.c.lag_bytes).where(contacts.c.attempt_id == _WHICH)
_NEWEST = (
    select(chunks.c.first_byte, chunks.c.end_byte, chunks.c.received_us)
    .where(chunks.c.recording_id == _WHICH)
    .order_by(chunks.c.first_byte.desc())
    .limit(NEWEST)
)


def pace(connection: Connection, attempt_id: str, now_us: int, speed: float) -> int | None:
    """Bytes a real second that the phone may send at most; None: as it likes."""
    contact = connection.execute(_CONTACT, {"which": attempt_id}).first()
    if contact is None or contact.lag_bytes < BACKLOG_BYTES:
        return None
    if now_us - contact.seen_us > HEARD_REAL_S * speed * 1e6:
        return None  # the computer is off the line: nobody has to be given way
    since_us = now_us - round(LOOK_REAL_S * speed * 1e6)
    newest = connection.execute(_NEWEST, {"which": attempt_id})
    came: int = sum(row.end_byte - row.first_byte for row in newest if row.received_us > since_us)
    return max(LEAST_BYTES_PER_S, round(came / LOOK_REAL_S / SHARE_OF_THE_REST))
