"""The recorder's process: `zhishiyun recorder --home DIR`, started by the desk."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import psutil

from zhishiyun_client.app.recorder_address import read_address, take_lock
from zhishiyun_client.app.recorder_core import new_recorder
from zhishiyun_client.app.recorder_inbox import Inbox
from zhishiyun_client.app.recorder_memory import MemoryFile
from zhishiyun_client.capture.preview_memory import destroy
from zhishiyun_client.keep.secret_store import open_secrets
from zhishiyun_client.runtime.dumps import forbid_core_dumps
from zhishiyun_client.runtime.heap import keep_few_pools
from zhishiyun_client.runtime.log import start_logging
from zhishiyun_client.runtime.paths import home as usual_home
from zhishiyun_client.runtime.paths import private_folder

LOG = logging.getLogger(__name__)
TURN_S = 0.25
EXIT_ANOTHER = 4
NICE = -5  # only root may on Linux; Windows and macOS grant it by their own rules


def main(arguments: Sequence[str]) -> int:
    """Run until nothing is left to do; SIGTERM ends it in order, the attempt goes on later."""
    parser = argparse.ArgumentParser(prog="zhishiyun recorder")
    parser.add_argument("--home", type=Path, default=None)
    home: Path = private_folder((parser.parse_args(list(arguments)).home or usual_home()).resolve())
    lock = take_lock(home)
    if lock is None:
        return EXIT_ANOTHER
    with lock:
        start_logging(home, "recorder")
        keep_few_pools()
        forbid_core_dumps()
        _come_first()
        before = read_address(home)
        if before is not None and before.preview:
            destroy(before.preview)
        return _run(home)


def _come_first() -> None:
    """Ask for a little more of the processor than others, where the system grants it (R151)."""
    try:
        if sys.platform == "win32":
            psutil.Process().nice(psutil.ABOVE_NORMAL_PRIORITY_CLASS)
        else:
            psutil.Process().nice(NICE)
    except (psutil.Error, OSError) as error:
        LOG.info("no priority: %s", error)


def _run(home: Path) -> int:
    asked = threading.Event()

    def ask(_number: int, _frame: object) -> None:
        asked.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
    recorder = new_recorder(home, Inbox(), MemoryFile(home, open_secrets(home)))
    try:
        recorder.resume()
        while not asked.is_set() and recorder.turn(TURN_S):
            continue
    finally:
        recorder.close()
    LOG.info("recorder ends")
    return 0
