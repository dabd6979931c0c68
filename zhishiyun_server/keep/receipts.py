"""Receipts that were signed."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, select

from zhishiyun_protocol.messages.evidence import Receipt
from zhishiyun_server.keep.tables import recordings


def receipt_of(connection: Connection, recording_id: str) -> Receipt | None:
    """The receipt of a recording once it is sealed."""
    encoded = connection.execute(
        select(recordings.c.receipt).where(recordings.c.id == recording_id)
    ).scalar()
    return None if encoded is None else msgspec.json.decode(encoded, type=Receipt)
