"""`zhishiyun-server expire list|run|hold|release`: keeping what the notice promised about time."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

import msgspec
from sqlalchemy import Table, func, select

from zhishiyun_protocol.errors import Fixable
from zhishiyun_server.application import furnish
from zhishiyun_server.commands.telling import tell
from zhishiyun_server.evidence.forgetting import forget_due
from zhishiyun_server.keep import expiry
from zhishiyun_server.keep.holds import candidate_of, hold, let_go
from zhishiyun_server.keep.tables import candidates, deletions, holds, staff
from zhishiyun_server.premises import Premises
from zhishiyun_server.settings import Settings


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One exam in the list."""

    exam_id: str
    expires_us: int
    due: int
    held: int
    deleted: int


def run(options: argparse.Namespace) -> int:
    """Do what was asked; 0 when it is done."""
    premises = furnish(Settings(home=options.home))
    try:
        if options.action == "list":
            _list(options, premises)
        elif options.action == "run":
            _run(options, premises)
        else:
            _hold(options, premises)
    finally:
        premises.close()
    return 0


def _list(options: argparse.Namespace, premises: Premises) -> None:
    now_us = premises.clock.now_us()
    whom = premises.database.read(lambda c: expiry.due(c, now_us))
    lines = [
        Line(
            exam_id=exam.exam_id,
            expires_us=exam.expires_us,
            due=sum(each.exam_id == exam.exam_id for each in whom),
            held=_count(premises, exam.exam_id, holds),
            deleted=_count(premises, exam.exam_id, deletions),
        )
        for exam in premises.database.read(expiry.planned)
    ]
    said = [
        f"{line.exam_id}: {_day(line.expires_us)} 到期 · expires；待删除 · due {line.due}，"
        f"暂缓 · held {line.held}，已删除 · deleted {line.deleted}"
        for line in lines
    ]
    tell(options, lines, "\n".join(said) or "没有考试\nNo exams")


def _run(options: argparse.Namespace, premises: Premises) -> None:
    done = forget_due(premises, premises.clock.now_us())
    words = (
        f"已删除 {len(done)} 名考生的到期数据\nDeleted what had expired of {len(done)} candidates"
    )
    tell(options, done, words)


def _hold(options: argparse.Namespace, premises: Premises) -> None:
    now_us = premises.clock.now_us()
    database = premises.database
    if (
        database.read(lambda c: c.execute(select(staff).where(staff.c.name == options.by)).first())
        is None
    ):
        raise Fixable(
            "STAFF_MISSING",
            f"There is no account {options.by}. Name the account of whoever decides this.",
            f"没有账号 {options.by}。请填写经办人的工作账号。",
        )
    row = database.read(lambda c: candidate_of(c, options.exam, options.ticket_number))
    if options.action == "hold":
        reason = options.reason.strip()
        if not reason:
            raise Fixable("REASON_MISSING", "A reason is needed.", "请填写理由。")
        database.write_now(lambda c: hold(c, row.ticket_id, reason, options.by, now_us))
        tell(options, {"held": True}, "已暂缓删除\nHeld")
    else:
        database.write_now(lambda c: let_go(c, row.ticket_id, options.by, now_us))
        tell(options, {"held": False}, "已取消暂缓\nReleased")


def _count(premises: Premises, exam_id: str, rows: Table) -> int:
    found: int = premises.database.read(
        lambda c: c.execute(
            select(func.count())
            .select_from(rows)
            .join(candidates, candidates.c.ticket_id == rows.c.ticket_id)
            .where(candidates.c.exam_id == exam_id)
        ).scalar_one()
    )
    return found


def _day(us: int) -> str:
    return datetime.fromtimestamp(us / 1e6, UTC).astimezone().strftime("%Y-%m-%d")
