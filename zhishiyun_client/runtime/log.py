"""Logging: one file a process, one line an event, and what must never be in it.

Faces, names, ID numbers, tickets, keys, tokens, papers and chat never reach a log line: no logger
is given them, and reprs of the structs that hold them leave them out.
"""

from __future__ import annotations

import logging
import logging.handlers
from pathlib import Path

MAX_BYTES = 2_000_000
KEEP_FILES = 3
FORMAT = "%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"


def start_logging(home: Path, process: str) -> Path:
    """Send this process's log to `<home>/logs/<process>.log`; returns the file."""
    folder = home / "logs"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{process}.log"
    handler = logging.handlers.RotatingFileHandler(
        path, maxBytes=MAX_BYTES, backupCount=KEEP_FILES, encoding="utf-8"
    )
    handler.setFormatter(logging.Formatter(FORMAT))
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    root.addHandler(handler)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # its INFO lines carry URLs
    logging.getLogger("httpcore").setLevel(logging.WARNING)
    return path
