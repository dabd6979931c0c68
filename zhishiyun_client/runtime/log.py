"""Logging: one file a process, one line an event, and what must never be in it.

Faces, names, ID numbers, tickets, keys, tokens, papers and chat never reach a log line: no logger
is given them, and reprs of the structs that hold them leave them out.

Whoever logs waits for no disk: lines are written by a thread of their own. A window must go on,
and be seen to go on by its dead man's switch, while other programs keep the disk busy.
"""

from __future__ import annotations

import atexit
import logging
import logging.handlers
import queue
import sys
import threading
from pathlib import Path

from zhishiyun_client.runtime.worker import Worker

MAX_BYTES = 2_000_000
KEEP_FILES = 3
FORMAT = "%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"


MOST_WAITING = 10_000  # lines; beyond that a disk is so long stuck that the newest are let go
LAST_WORDS_S = 2.0  # how long the end of a process waits for its last lines

_Lines = queue.Queue[logging.LogRecord | None]


class LineWriter(logging.handlers.QueueHandler):
    """Hands lines to the thread that writes them. Thread: any.

    Args:
        target: the handler that writes.
    """

    def __init__(self, target: logging.Handler) -> None:
        self._lines: _Lines = queue.Queue(MOST_WAITING)
        super().__init__(self._lines)
        self._writing = _Writing(self._lines, target)
        self._writing.start()

    def enqueue(self, record: logging.LogRecord) -> None:
        """Never wait, never fail."""
        try:
            self._lines.put_nowait(record)
        except queue.Full:
            return

    def finish(self) -> None:
        """Write what waits; gives up on a disk that does not answer."""
        try:
            self._lines.put(None, timeout=LAST_WORDS_S)
        except queue.Full:
            return
        self._writing.wait(LAST_WORDS_S)


class _Writing(Worker):
    def __init__(self, lines: _Lines, target: logging.Handler) -> None:
        super().__init__("log-lines", _tell_stderr)
        self._lines = lines
        self._target = target

    def turn(self, stop: threading.Event) -> None:
        """One line; None is the end."""
        record = self._lines.get()
        if record is None:
            stop.set()
        else:
            self._target.handle(record)


def _tell_stderr(report: object) -> None:
    """The last place where it can be said; a program with windows may have none."""
    if sys.stderr is not None:
        sys.stderr.write(f"the log is not written: {report}\n")


def start_logging(home: Path, process: str) -> Path:
    """Send this process's log to `<home>/logs/<process>.log`; returns the file."""
    folder = home / "logs"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{process}.log"
    file = logging.handlers.RotatingFileHandler(
        path, maxBytes=MAX_BYTES, backupCount=KEEP_FILES, encoding="utf-8"
    )
    writer = LineWriter(file)
    writer.setFormatter(logging.Formatter(FORMAT))  # a line is whole before it is handed over
    atexit.register(writer.finish)
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    root.addHandler(writer)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # its INFO lines carry URLs
    logging.getLogger("httpcore").setLevel(logging.WARNING)
    return path
