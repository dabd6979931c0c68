"""The desk's pulse: a small file that its UI thread touches, and who notices that it stopped.

A file, not a message: it needs no reader, no queue and no room on a full disk.
The dead man's switch is a process of its own (`zhishiyun release`); it ends a desk whose UI thread
has been still for too long, so that what dies with a process – the hold on the keyboard – dies.
"""

from __future__ import annotations

import enum
import os
import time
from pathlib import Path

import psutil

FILE = "desk.pulse"
BEAT_S = 1.0
STILL_S = 6.0  # design §7, docs/lockdown.md: freed within 8 s, looks and a last beat included
LOOK_S = 0.25
DIES_WITHIN_S, DIES_LOOK_S = 1.0, 0.02
EXIT_FREED = 75  # what the switch answers when it had to end the desk


class Pulse:
    """The desk's side. Thread: ui, which is the point of it."""

    def __init__(self, home: Path) -> None:
        self._file = home / FILE

    def beat(self) -> None:
        """The UI thread is alive. Raises OSError."""
        try:
            os.utime(self._file)
        except FileNotFoundError:
            self._file.touch(mode=0o600)

    def stop(self) -> None:
        """The desk holds nothing any more; nobody need watch it."""
        self._file.unlink(missing_ok=True)


class Health(enum.Enum):
    """What the switch sees."""

    BEATS = enum.auto()
    STILL = enum.auto()  # for too long
    RELEASED = enum.auto()  # it took the pulse away itself: nothing is locked
    DEAD = enum.auto()


class PulseReader:
    """The switch's side; one process, named by id and time of creation. Thread: one.

    Counts only time that passed between two looks in a row, so that neither the machine's sleep
    nor a starved switch is held against a desk.

    Args:
        home:  the desk's folder.
        pid:   the desk.
    """

    def __init__(self, home: Path, pid: int) -> None:
        self._file = home / FILE
        self._last_ns = 0
        self._still_s = 0.0
        try:
            self._desk: psutil.Process | None = psutil.Process(pid)
        except psutil.Error:
            self._desk = None

    def look(self, passed_s: float) -> Health:
        """Look once; `passed_s` since the last look."""
        if not self._lives():
            return Health.DEAD
        try:
            now_ns = self._file.stat().st_mtime_ns
        except FileNotFoundError:
            return Health.RELEASED
        if now_ns != self._last_ns:
            self._last_ns, self._still_s = now_ns, 0.0
        else:
            self._still_s += min(passed_s, 2 * LOOK_S)
        return Health.STILL if self._still_s >= STILL_S else Health.BEATS

    def end_desk(self) -> None:
        """End it the hard way: whoever is frozen hears no other."""
        if self._desk is None:
            return
        try:
            self._desk.kill()
        except psutil.Error:
            return
        deadline_s = time.monotonic() + DIES_WITHIN_S
        while self._lives() and time.monotonic() < deadline_s:
            time.sleep(DIES_LOOK_S)

    def _lives(self) -> bool:
        if self._desk is None:
            return False
        try:
            return bool(self._desk.is_running() and self._desk.status() != psutil.STATUS_ZOMBIE)
        except psutil.Error:
            return False
