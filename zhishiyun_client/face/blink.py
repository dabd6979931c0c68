"""Whether the eyes close and open again while somebody looks: a cue for people, never a gate.

Pure: takes what `face.lids` measured, and compares with the same person's eyes a moment before.
"""

from __future__ import annotations

from statistics import median

NAME = "blink/1"
CLOSED_BELOW = 0.62
"""Of the person's own median. 7 of 10 closed eyes of ORL, and 2 of 100 open ones, between
photographs of different moments. Source: docs/measured/face.md."""

OPEN_FROM = 0.8
LOOKS_BEFORE = 4
"""Looks that make an own median."""

LONGEST_S = 1.5
"""Eyes that stay closed longer are no blink. Source: a slow one takes half a second."""


class BlinkWatch:
    """Takes the looks of one try. Times: s, monotonic."""

    def __init__(self) -> None:
        self._open: list[float] = []
        self._closed_s: float | None = None
        self.is_seen = False

    @property
    def report(self) -> str:
        """Name and what was seen, for whoever judges a login."""
        return f"{NAME}={'seen' if self.is_seen else 'unseen'}"

    def take(self, value: float | None, tick_s: float) -> None:
        """Take one look."""
        if value is None:
            self._closed_s = None
            return
        if len(self._open) < LOOKS_BEFORE:
            self._open.append(value)
            return
        share = value / median(self._open)
        if share < CLOSED_BELOW:
            self._closed_s = tick_s if self._closed_s is None else self._closed_s
        elif share >= OPEN_FROM:
            self._open.append(value)
            if self._closed_s is not None and tick_s - self._closed_s <= LONGEST_S:
                self.is_seen = True
            self._closed_s = None
