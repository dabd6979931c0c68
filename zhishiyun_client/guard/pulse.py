"""The desk's pulse: a byte a second from its UI thread, and who notices that it stopped.

Through a pipe, not a file: a disk that is busy with other programs' writes holds up even touching
a file for ten seconds and more, and a desk must not be taken for frozen by its own sign of life.
The dead man's switch is a process of its own (`zhishiyun release`); it ends a desk whose UI thread
has been still for too long, so that what dies with a process – the hold on the keyboard – dies.
"""

from __future__ import annotations

import enum
import os
import threading
import time
from typing import IO

import psutil

from zhishiyun_client.runtime.worker import Worker

BEAT_S = 1.0
STILL_S = 6.0  # design §7, docs/lockdown.md: freed within 8 s, looks and a last beat included
LOOK_S = 0.25
DIES_WITHIN_S, DIES_LOOK_S = 1.0, 0.02
EXIT_FREED = 75  # what the switch answers when it had to end the desk
BEAT, RELEASED = b".", b"q"


class Pulse:
    """The desk's side: the pipe into one switch. Thread: ui, which is the point of it.

    Args:
        pipe: unbuffered, the switch's standard input.
    """

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        if os.name == "posix":
            os.set_blocking(pipe.fileno(), False)

    def beat(self) -> None:
        """The UI thread is alive. Raises OSError: the switch is gone."""
        self._say(BEAT)

    def stop(self) -> None:
        """The desk holds nothing any more; nobody need watch it."""
        try:
            self._say(RELEASED)
        except OSError:
            return  # a switch that is gone watches nobody
        finally:
            self._pipe.close()

    def _say(self, what: bytes) -> None:
        try:
            os.write(self._pipe.fileno(), what)
        except BlockingIOError:
            return  # a switch that does not listen for hours is starved, not gone


class PulseEar(Worker):
    """The switch's end of the pipe: a thread that waits for bytes, until the pipe is cut."""

    def __init__(self, handle: int) -> None:
        super().__init__("pulse", _ignore)
        self._handle = handle
        self.beats = 0
        self.is_released = False
        self.start()

    @property
    def is_cut(self) -> bool:
        """Whether whoever held the other end is gone."""
        return not self.is_running

    def turn(self, stop: threading.Event) -> None:
        """Whatever comes next."""
        heard = self._read()
        self.beats += len(heard)
        self.is_released = self.is_released or RELEASED in heard
        if not heard:
            stop.set()

    def _read(self) -> bytes:
        try:
            return os.read(self._handle, 64)
        except OSError:
            return b""


def _ignore(_report: object) -> None:
    """An ear that fails is a pipe that is cut."""


class Health(enum.Enum):
    """What the switch sees."""

    BEATS = enum.auto()
    STILL = enum.auto()  # for too long
    RELEASED = enum.auto()  # it took the pulse away itself: nothing is locked
    DEAD = enum.auto()


class PulseReader:
    """The switch's side; one desk, named by id and time of creation. Thread: one.

    Counts only time that passed between two looks in a row, so that neither the machine's sleep
    nor a starved switch is held against a desk.

    Args:
        ear: hears the desk.
        pid: the desk.
    """

    def __init__(self, ear: PulseEar, pid: int) -> None:
        self._ear = ear
        self._last = -1
        self._still_s = 0.0
        try:
            self._desk: psutil.Process | None = psutil.Process(pid)
        except psutil.Error:
            self._desk = None

    def look(self, passed_s: float) -> Health:
        """Look once; `passed_s` since the last look."""
        is_gone = self._ear.is_cut or not self._lives()
        if self._ear.is_released:  # looked at last: the word comes before the cut
            return Health.RELEASED
        if is_gone:
            return Health.DEAD
        if self._ear.beats != self._last:
            self._last, self._still_s = self._ear.beats, 0.0
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
