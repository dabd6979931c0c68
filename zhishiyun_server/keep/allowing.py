"""What a supervisor let pass for one candidate: kept as news, which is never taken back (R173)."""

from __future__ import annotations

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
    found = connection.execute(
        select(news.c.data).where(
            news.c.attempt_id == attempt_id, news.c.kind == NewsKind.STATE.value
        )
    )
    told = (msgspec.json.decode(row.data, type=dict[str, str]) for row in found)
    kept = {Allowance(rule=d[RULE], subject=d[SUBJECT]) for d in told if RULE in d}
    return tuple(sorted(kept, key=lambda each: (each.rule, each.subject)))
