"""Every try to pass a door, also the refused ones (R103)."""

from __future__ import annotations

from sqlalchemy import Connection

from zhishiyun_server.keep.tables import arrivals

OPEN = "OPEN"


def note_arrival(
    connection: Connection, ticket_id: str, door: str, at_us: int, outcome: str = OPEN
) -> None:
    """Write down who came when, and what was said."""
    connection.execute(
        arrivals.insert().values(ticket_id=ticket_id, door=door, at_us=at_us, outcome=outcome)
    )
