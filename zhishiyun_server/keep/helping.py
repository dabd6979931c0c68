"""【求助】: the conversation of one candidate with staff (R160–R166)."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from zhishiyun_protocol.messages.live import NewsKind
from zhishiyun_protocol.messages.sitting import HelpMessage, HelpThread
from zhishiyun_server.keep.newsroom import tell
from zhishiyun_server.keep.tables import attempts, help_lines


def add_line(
    connection: Connection,
    attempt_id: str,
    *,
    line_id: str,
    kind: str,
    text: str,
    at_us: int,
    now_us: int,
    from_staff: bool,
) -> None:
    """Keep one line; a line with a known id is kept already."""
    known = connection.execute(
        select(help_lines.c.cursor).where(
            help_lines.c.attempt_id == attempt_id, help_lines.c.id == line_id
        )
    ).first()
    if known is not None:
        return
    cursor = (
        1
        + connection.execute(
            select(attempts.c.help_cursor).where(attempts.c.id == attempt_id)
        ).scalar_one()
    )
    connection.execute(
        attempts.update().where(attempts.c.id == attempt_id).values(help_cursor=cursor)
    )
    connection.execute(
        help_lines.insert().values(
            attempt_id=attempt_id,
            cursor=cursor,
            id=line_id,
            kind=kind,
            from_staff=from_staff,
            text=text,
            at_us=at_us,
            received_us=now_us,
        )
    )
    if from_staff:
        tell(connection, attempt_id, NewsKind.HELP, now_us)


def thread_of(connection: Connection, attempt_id: str, after: int) -> HelpThread:
    """The lines after a cursor, and since when a question waits."""
    found = connection.execute(
        select(help_lines)
        .where(help_lines.c.attempt_id == attempt_id, help_lines.c.cursor > after)
        .order_by(help_lines.c.cursor)
    )
    return HelpThread(
        messages=tuple(
            HelpMessage(
                cursor=row.cursor,
                id=row.id,
                from_staff=row.from_staff,
                text=row.text,
                at_us=row.at_us,
                read_us=row.read_us,
            )
            for row in found
        ),
        waiting_since_us=waiting_since(connection, attempt_id),
    )


def waiting_since(connection: Connection, attempt_id: str) -> int | None:
    """When the oldest question arrived that nobody has answered; None when none waits."""
    answered = connection.execute(
        select(func.max(help_lines.c.cursor)).where(
            help_lines.c.attempt_id == attempt_id, help_lines.c.from_staff.is_(True)
        )
    ).scalar()
    first: int | None = connection.execute(
        select(func.min(help_lines.c.received_us)).where(
            help_lines.c.attempt_id == attempt_id,
            help_lines.c.from_staff.is_(False),
            help_lines.c.cursor > (answered or 0),
        )
    ).scalar()
    return first


def mark_read(connection: Connection, attempt_id: str, now_us: int, *, from_staff: bool) -> None:
    """The other side has seen all lines of this side."""
    connection.execute(
        help_lines.update()
        .where(
            help_lines.c.attempt_id == attempt_id,
            help_lines.c.from_staff.is_(from_staff),
            help_lines.c.read_us.is_(None),
        )
        .values(read_us=now_us)
    )
