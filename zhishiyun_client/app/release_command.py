"""`zhishiyun release`: the dead man's switch beside a desk that holds the lock (docs/lockdown.md).

A process of its own without Qt: whatever freezes the desk does not freeze it.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from zhishiyun_client.app.unlock_command import ladder_without_window
from zhishiyun_client.guard.pulse import EXIT_FREED, LOOK_S, Health, PulseEar, PulseReader
from zhishiyun_client.runtime.log import start_logging

LOG = logging.getLogger(__name__)


def main(arguments: Sequence[str]) -> int:
    """Watch one desk while it holds the lock; end it when it is frozen, undo when it is dead."""
    parser = argparse.ArgumentParser(prog="zhishiyun release")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--pid", type=int, required=True)
    options = parser.parse_args(list(arguments))
    try:
        start_logging(options.home, "release")
    except OSError as error:  # a full disk: this process does its work without a log
        LOG.warning("no log: %s", error)
    reader = PulseReader(PulseEar(sys.stdin.fileno()), options.pid)
    seen_s = time.monotonic()
    while True:
        now_s = time.monotonic()
        health = reader.look(now_s - seen_s)
        seen_s = now_s
        if health is Health.BEATS:
            time.sleep(LOOK_S)
            continue
        if health is Health.RELEASED:
            return 0
        if health is Health.STILL:
            LOG.error("the desk %d is frozen; it is ended, the keyboard is free", options.pid)
            reader.end_desk()
        _descend(options.home)
        return EXIT_FREED if health is Health.STILL else 0


def _descend(home: Path) -> None:
    try:
        ladder_without_window(home).descend()
    except ExceptionGroup as slips:
        LOG.error("not undone: %s", [type(slip).__name__ for slip in slips.exceptions])
