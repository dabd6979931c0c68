"""`zhishiyun-server export`: recordings as MP4 and timeline.json."""

from __future__ import annotations

import argparse
import sys

from zhishiyun_protocol.errors import Fixable, ZhishiyunError
from zhishiyun_server.application import furnish
from zhishiyun_server.commands.telling import tell
from zhishiyun_server.evidence.exporting import Exported, attempts_of, export_attempt
from zhishiyun_server.keep.database import Database
from zhishiyun_server.settings import Settings


def run(options: argparse.Namespace) -> int:
    """Export one attempt, or all of an exam; one that fails does not stop the others."""
    premises = furnish(Settings(home=options.home))
    exported: list[Exported] = []
    failed = 0
    try:
        names = [options.attempt] if options.attempt else _all(premises.database, options.exam)
        for attempt_id in names:
            try:
                exported.append(export_attempt(premises, attempt_id, options.out))
            except ZhishiyunError as error:
                failed += 1
                print(f"{attempt_id}: {error.bilingual()}", file=sys.stderr)
    finally:
        premises.close()
    lines = [f"{one.folder}: {', '.join(one.files)}" for one in exported]
    tell(options, exported, "\n".join(lines) or "没有可导出的录像\nNothing to export")
    return 1 if failed else 0


def _all(database: Database, exam_id: str) -> list[str]:
    names: list[str] = database.read(lambda c: attempts_of(c, exam_id))
    if not names:
        raise Fixable(
            "NOTHING_RECORDED",
            f"Nobody has entered exam {exam_id} here.",
            f"考试 {exam_id} 尚无人进入，没有可导出的录像。",
        )
    return names
