"""The desk's command line. Tickets, keys and sessions are files or secrets, never arguments."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from zhishiyun_client.runtime.paths import home


@dataclass(frozen=True, slots=True)
class DeskOptions:
    """How this desk was started; `words` is what starts it again."""

    home: Path
    ticket: Path | None
    trust: tuple[Path, ...]
    camera: str
    microphone: str
    demonstration: tuple[str, ...]
    auto: bool
    words: tuple[str, ...]


def parse(arguments: Sequence[str]) -> DeskOptions:
    """Read the arguments."""
    parser = argparse.ArgumentParser(prog="zhishiyun exam", description="参加考试 / sit the exam")
    parser.add_argument("--home", type=Path, default=None, metavar="DIR", help="数据目录")
    parser.add_argument("--ticket", type=Path, metavar="FILE", help="准考凭证 *.zsyenroll")
    parser.add_argument("--trust", type=Path, action="append", default=[], metavar="FILE")
    parser.add_argument("--camera", default="", help=argparse.SUPPRESS)
    parser.add_argument("--microphone", default="", help=argparse.SUPPRESS)
    parser.add_argument("--demonstration", action="append", default=[], help=argparse.SUPPRESS)
    parser.add_argument("--auto", action="store_true", help=argparse.SUPPRESS)
    found = parser.parse_args(list(arguments))
    return DeskOptions(
        home=(found.home or home()).resolve(),
        ticket=found.ticket.resolve() if found.ticket else None,
        trust=tuple(path.resolve() for path in found.trust),
        camera=found.camera,
        microphone=found.microphone,
        demonstration=tuple(found.demonstration),
        auto=found.auto,
        words=("desk", *arguments),
    )
