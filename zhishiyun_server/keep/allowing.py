"""What a supervisor let pass for one candidate: kept as news, which is never taken back (R173)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, select

from zhishiyun_protocol.messages.live import NewsKind
from zhishiyun_protocol.messages.sitting import Allowance
from zhishiyun_server.keep.newsroom import tell
from zhishiyun_server.keep.tables import news

RULE, SUBJECT = "allowed_rule", "allowed_subject"


def allow(connection: Connection, attempt_id: str, allowance: Allowance, now_us: int) -> None:
    """Let one kind of finding pass, and have the client fetch its sitting again."""
    data = {RULE: allowance.rule, SUBJECT: allowance.subject}
    tell(connection, attempt_id, NewsKind.STATE, now_us, data=data)


def allowed_of(connection: Connection, attempt_id: str) -> tuple[Allowance, ...]:
    """Everything that was let pass."""
    return allowed_by_attempt(connection, [attempt_id]).get(attempt_id, ())


def allowed_by_attempt(
    connection: Connection, attempt_ids: Sequence[str]
) -> dict[str, tuple[Allowance, ...]]:
    """The same for several, where there is any."""
    found = connection.execute(
        select(news.c.attempt_id, news.c.data).where(
            news.c.attempt_id.in_(attempt_ids), news.c.kind == NewsKind.STATE.value
        )
    )
    kept: dict[str, set[Allowance]] = {}
    for row in found:
        told = msgspec.json.decode(row.data, type=dict[str, str])
        if RULE in told:
            one = Allowance(rule=told[RULE], subject=told[SUBJECT])
            kept.setdefault(row.attempt_id, set()).add(one)
    return {
        attempt: tuple(sorted(each, key=lambda one: (one.rule, one.subject)))
        for attempt, each in kept.items()
    }
