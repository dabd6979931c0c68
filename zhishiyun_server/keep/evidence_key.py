"""The key that opens one attempt's recording."""

from __future__ import annotations

from sqlalchemy import Connection, select

from zhishiyun_server.keep.tables import attempts


def evidence_key_of(connection: Connection, attempt_id: str) -> bytes:
    """32 bytes; told to the candidate's client at entry and to nobody else."""
    key: bytes = connection.execute(
        select(attempts.c.evidence_key).where(attempts.c.id == attempt_id)
    ).scalar_one()
    return key
