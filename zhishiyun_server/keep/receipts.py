"""Receipts that were signed."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, select

from zhishiyun_protocol.messages.evidence import Receipt
from zhishiyun_server.keep.tables import attempts


def receipt_of(connection: Connection, attempt_id: str) -> Receipt | None:
    """The receipt of an attempt once it is sealed."""
    encoded = connection.execute(
        select(attempts.c.receipt).where(attempts.c.id == attempt_id)
    ).scalar()
    return None if encoded is None else msgspec.json.decode(encoded, type=Receipt)
