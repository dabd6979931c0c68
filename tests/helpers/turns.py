"""Tests that run side by side take turns where one of them needs the machine to itself."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform != "win32":
    import fcntl


@contextmanager
def turn(run: str, *, alone: bool) -> Iterator[None]:
    """Hold a place beside others, or, `alone`, the only place.

    Whoever waits holds the door, so that nobody who comes later slips in before.

    Args:
        run: tells this run of the tests from others on this machine; "" where nothing runs beside.
    """
    if not run or sys.platform == "win32":
        yield
        return
    with _open(run, "room") as room:
        with _open(run, "door") as door:
            fcntl.flock(door, fcntl.LOCK_EX)
            fcntl.flock(room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield


@contextmanager
def _open(run: str, name: str) -> Iterator[int]:
    path = Path(tempfile.gettempdir()) / f"zhishiyun-tests-{run}.{name}"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)  # and with it the lock
