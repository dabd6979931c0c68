"""Time here: the monotonic clock, and through it the exam's clock. Never the wall clock."""

from __future__ import annotations

import time

from zhishiyun_protocol.clock import ServerClock, narrowed


def monotonic_us() -> int:
    """The machine's monotonic clock in µs; the same in all our processes until the next boot."""
    return time.monotonic_ns() // 1000


class ExamClock:
    """The exam's clock as known here; tightened by every exchange. Thread: any."""

    def __init__(self) -> None:
        self._known: ServerClock | None = None

    @property
    def known(self) -> ServerClock | None:
        """What is known, None before the first exchange."""
        return self._known

    def learn(self, measured: ServerClock) -> None:
        """Take one more measurement."""
        self._known = narrowed(self._known, measured)

    def now_us(self) -> int | None:
        """The exam's clock now, µs since 1970 UTC; None while unknown."""
        known = self._known
        return None if known is None else known.now_us(monotonic_us())

    def error_us(self) -> int:
        """How far off `now_us` may be, µs; a day while unknown."""
        known = self._known
        return 86_400_000_000 if known is None else known.error_at_us(monotonic_us())

    @property
    def speed(self) -> float:
        """How much faster than real time the exam's clock runs."""
        return 1.0 if self._known is None else self._known.speed
