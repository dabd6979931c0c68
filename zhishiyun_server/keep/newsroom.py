"""News for one attempt: numbered, kept, sent again until acknowledged."""

from __future__ import annotations

from itertools import takewhile

import msgspec
from sqlalchemy import Connection, select

from zhishiyun_protocol.messages.live import News, NewsKind
from zhishiyun_server.keep.tables import attempts, news

MOST_AT_ONCE = 50


def tell(
    connection: Connection,
    attempt_id: str,
    kind: NewsKind,
    at_us: int,
    text: str = "",
    data: dict[str, str] | None = None,
) -> None:
    """Add one item to an attempt's news."""
    cursor = (
        1
        + connection.execute(
            select(attempts.c.news_cursor).where(attempts.c.id == attempt_id)
        ).scalar_one()
    )
    connection.execute(
        attempts.update().where(attempts.c.id == attempt_id).values(news_cursor=cursor)
    )
    connection.execute(
        news.insert().values(
            attempt_id=attempt_id,
            cursor=cursor,
            kind=kind.value,
            at_us=at_us,
            text=text,
            data=msgspec.json.encode(data or {}),
        )
    )


def after(connection: Connection, attempt_id: str, cursor: int, now_us: int) -> tuple[News, ...]:
    """What an attempt has not acknowledged yet, oldest first.

    A paper's key is written down shortly before T0 and told from T0 on; what was told after it
    waits behind it, because cursors must not be overtaken.
    """
    found = connection.execute(
        select(news)
        .where(news.c.attempt_id == attempt_id, news.c.cursor > cursor)
        .order_by(news.c.cursor)
        .limit(MOST_AT_ONCE)
    )
    items = tuple(
        News(
            cursor=row.cursor,
            kind=NewsKind(row.kind),
            at_us=row.at_us,
            text=row.text,
            data=msgspec.json.decode(row.data, type=dict[str, str]),
        )
        for row in found
    )
    return tuple(takewhile(lambda n: n.kind is not NewsKind.PAPER_KEY or n.at_us <= now_us, items))


def was_told(connection: Connection, attempt_id: str, kind: NewsKind) -> bool:
    """Whether an attempt has news of this kind already."""
    found = connection.execute(
        select(news.c.cursor).where(news.c.attempt_id == attempt_id, news.c.kind == kind.value)
    ).first()
    return found is not None
