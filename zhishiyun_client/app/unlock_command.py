"""`zhishiyun unlock`: give the computer back. Imports no Qt: it works when the desk does not."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from zhishiyun_client.guard.ladder import Journal, Ladder
from zhishiyun_client.guard.steps.window import NoWindow
from zhishiyun_client.guard.systems.steps_here import steps_here
from zhishiyun_client.runtime.paths import home as usual_home

EXIT_STUCK = 1


def ladder_without_window(home: Path) -> Ladder:
    """The ladder of this machine, for whoever has no window."""
    nobody = NoWindow()
    return Ladder(steps_here(nobody, nobody, _unheard), Journal(home))


def main(arguments: Sequence[str]) -> int:
    """Undo what a desk left locked; exit code 1 when something could not be undone."""
    parser = argparse.ArgumentParser(prog="zhishiyun unlock", description="恢复电脑设置 / undo")
    parser.add_argument("--home", type=Path, default=None, metavar="DIR", help="数据目录")
    home: Path = (parser.parse_args(list(arguments)).home or usual_home()).resolve()
    held = [rung.name for rung in Journal(home).read()]
    try:
        ladder_without_window(home).descend()
    except ExceptionGroup as slips:
        print("有设置未能恢复，请重新启动电脑。", file=sys.stderr)
        print("Some settings are not restored; restart the computer.", file=sys.stderr)
        for slip in slips.exceptions:
            print(f"  {slip}", file=sys.stderr)
        return EXIT_STUCK
    if held:
        print(f"电脑设置已恢复。 / Restored: {', '.join(held)}")
    else:
        print("无需恢复。 / There was nothing to restore.")
    return 0


def _unheard(_report: object) -> None:
    """Nobody types while there is no window."""
