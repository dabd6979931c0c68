"""Binding one device key to one ticket (R004, R007)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from zhishiyun_protocol.ticket import TicketClaims
from zhishiyun_server.keep.arriving import note_arrival
from zhishiyun_server.keep.audit import note
from zhishiyun_server.keep.tables import candidates
from zhishiyun_server.problems import Refusal, refusal


def candidate_row(connection: Connection, ticket_id: str) -> Row[Any] | None:
    """The candidate of a ticket."""
    return connection.execute(select(candidates).where(candidates.c.ticket_id == ticket_id)).first()


def bind_device(
    connection: Connection, claims: TicketClaims, device_key: str, version: str, now_us: int
) -> tuple[Row[Any], bool] | Refusal:
    """Bind; returns the candidate and whether the device is new, or why not."""
    row = candidate_row(connection, claims.ticket_id)
    if row is None or row.exam_id != claims.exam_id:
        return refusal("TICKET_OF_ANOTHER_EXAM")
    if row.device_key and row.device_key != device_key:
        note_arrival(connection, row.ticket_id, "enrolment", now_us, "DEVICE_BOUND")
        note(connection, now_us, "enrolment.second_device", row.ticket_id)
        return refusal("DEVICE_BOUND")
    is_new = not row.device_key
    values: dict[str, object] = {"client_version": version[:32]}
    if is_new:
        values |= {"device_key": device_key, "device_bound_us": now_us}
        note(connection, now_us, "enrolment.bound", row.ticket_id)
    connection.execute(
        candidates.update().where(candidates.c.ticket_id == row.ticket_id).values(**values)
    )
    note_arrival(connection, row.ticket_id, "enrolment", now_us)
    return row, is_new
