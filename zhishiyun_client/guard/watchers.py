"""The eyes: each looks at one thing at its own beat and says what began and what ended."""

from __future__ import annotations

import threading
from collections import deque
from typing import Protocol

from zhishiyun_client.guard import displays, overlays, programs
from zhishiyun_client.guard.focus import FocusNames
from zhishiyun_client.guard.standing import Sight, Standing
from zhishiyun_client.guard.surroundings import WindowWords
from zhishiyun_client.ports.watching import (
    DisplayProbe,
    Finding,
    FocusProbe,
    FrontFact,
    OverlayProbe,
    ProcessProbe,
    Unseen,
    WindowProbe,
)

PROGRAM_BEAT_S = 1.0  # a listed program is to be seen within 2 s of its start
DISPLAY_BEAT_S = 1.0  # and so is a display
OVERLAY_BEAT_S = 1.0  # a window that answers questions is up for seconds
FOCUS_BEAT_S = 0.25  # asks the system only while the window is inactive
SETTLE_US = 300_000  # a shorter loss is an input method's flicker; nobody reads anything in it


class Watcher(Protocol):
    """Something that looks at a beat. Thread: the watch's, except where said."""

    beat_s: float

    def look(self, now_us: int) -> tuple[Finding, ...]:
        """What began or ended since the last look."""
        ...

    def end(self, now_us: int) -> tuple[Finding, ...]:
        """End what stands: nobody looks any more."""
        ...


def see_programs(probe: ProcessProbe, windows: WindowProbe) -> tuple[Sight, ...]:
    """Look once at the programs; windows are asked for only where a hit depends on them."""
    hits = probe.running()
    asks = any(hit.needs_window for hit in hits)
    return programs.judge(hits, windows.pids_with_windows() if asks else frozenset())


class ProgramWatcher:
    """Watches the listed programs (R171, R172)."""

    beat_s = PROGRAM_BEAT_S

    def __init__(self, probe: ProcessProbe, windows: WindowProbe, rules_version: str) -> None:
        self._probe = probe
        self._windows = windows
        self._standing = Standing(rules_version)

    def look(self, now_us: int) -> tuple[Finding, ...]:
        """What was started and what was closed."""
        return self._standing.update(see_programs(self._probe, self._windows), now_us)

    def end(self, now_us: int) -> tuple[Finding, ...]:
        """End what stands."""
        return self._standing.end_all(now_us)


class DisplayWatcher:
    """Watches the displays (R033, R107)."""

    beat_s = DISPLAY_BEAT_S

    def __init__(self, probe: DisplayProbe, *, one_display: bool, rules_version: str) -> None:
        self._probe = probe
        self._one_display = one_display
        self._standing = Standing(rules_version)

    def look(self, now_us: int) -> tuple[Finding, ...]:
        """What was plugged in and what was unplugged."""
        sights = displays.judge(self._probe.displays(), one_display=self._one_display)
        return self._standing.update(sights, now_us)

    def end(self, now_us: int) -> tuple[Finding, ...]:
        """End what stands."""
        return self._standing.end_all(now_us)


class OverlayWatcher:
    """Watches for windows that no recording can show."""

    beat_s = OVERLAY_BEAT_S

    def __init__(self, probe: OverlayProbe, words: WindowWords, rules_version: str) -> None:
        self._probe = probe
        self._words = words
        self._standing = Standing(rules_version)

    def look(self, now_us: int) -> tuple[Finding, ...]:
        """What came up and what went."""
        sights = overlays.judge(self._probe.foreign_windows(), self._words)
        return self._standing.update(sights, now_us)

    def end(self, now_us: int) -> tuple[Finding, ...]:
        """End what stands."""
        return self._standing.end_all(now_us)


class FocusWatcher:
    """Finds out who took the keyboard, once the desk has said that its window lost it.

    One loss may be several findings, one for each that was in front in turn.
    """

    beat_s = FOCUS_BEAT_S

    def __init__(self, probe: FocusProbe, names: FocusNames, rules_version: str) -> None:
        self._probe = probe
        self._names = names
        self._standing = Standing(rules_version)
        self._told: deque[tuple[bool, int]] = deque()
        self._lock = threading.Lock()
        self._since_us: int | None = None
        self._front: FrontFact | Unseen | None = None

    def tell(self, *, active: bool, at_us: int) -> None:
        """The desk's window became active or inactive. Thread: any; returns at once."""
        with self._lock:
            self._told.append((active, at_us))

    def look(self, now_us: int) -> tuple[Finding, ...]:
        """What is in front, if it is not us."""
        found: list[Finding] = []
        with self._lock:
            told, self._told = self._told, deque()
        for active, at_us in told:
            if active:
                found += self._regained(at_us)
            elif self._since_us is None:
                self._since_us = at_us
        if self._since_us is not None:
            self._front = self._probe.front()
            if now_us - self._since_us >= SETTLE_US:
                found += self._lost(now_us)
        return tuple(found)

    def end(self, now_us: int) -> tuple[Finding, ...]:
        """End what stands."""
        return self._regained(now_us)

    def _lost(self, now_us: int) -> tuple[Finding, ...]:
        since_us = self._since_us if self._since_us is not None else now_us
        first = not self._standing.findings
        return self._standing.update(
            (self._names.judge(self._front),), since_us if first else now_us
        )

    def _regained(self, at_us: int) -> tuple[Finding, ...]:
        if self._since_us is None:
            return ()
        found: tuple[Finding, ...] = ()
        if not self._standing.findings and at_us - self._since_us >= SETTLE_US:
            found = self._lost(at_us)  # it came and went between two looks
        found += self._standing.end_all(at_us)
        self._since_us = None
        self._front = None
        return found
