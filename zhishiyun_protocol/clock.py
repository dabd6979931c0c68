"""The server's time on a client: an interval against the monotonic clock, never the wall clock.

All server times are µs since 1970 UTC by the *exam's* clock; a rehearsal may let that clock run
`speed` times faster than real time. Local times are µs of a monotonic clock.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

DRIFT_PPM = (
    100  # how far two honest crystals part: research/capture.md §4 (real cards ±20..100 ppm)
)
_PPM = 1_000_000


@dataclass(frozen=True, slots=True)
class Exchange:
    """Four timestamps of one question and answer.

    sent_us, received_us:               local monotonic µs, when asked and when answered
    server_received_us, server_sent_us: exam-clock µs
    """

    sent_us: int
    server_received_us: int
    server_sent_us: int
    received_us: int
    speed: float = 1.0


@dataclass(frozen=True, slots=True)
class ServerClock:
    """The exam's clock as known here: at local `at_us` it showed `server_us` ± `error_us`."""

    at_us: int
    server_us: int
    error_us: int
    speed: float = 1.0

    def now_us(self, local_us: int) -> int:
        """Best estimate of the exam's clock at local time `local_us`."""
        return self.server_us + round((local_us - self.at_us) * self.speed)

    def error_at_us(self, local_us: int) -> int:
        """Half width of the interval at `local_us`; it grows with crystal drift."""
        drift_us = abs(local_us - self.at_us) * DRIFT_PPM / _PPM
        return math.ceil(self.error_us + drift_us * self.speed)

    def local_us(self, server_us: int) -> int:
        """When, locally, the exam's clock will show `server_us`."""
        return self.at_us + round((server_us - self.server_us) / self.speed)


def measured(exchange: Exchange) -> ServerClock:
    """What one exchange proves: whatever the path's asymmetry, truth lies inside the interval.

    Also when the crystal here runs fast or slow while the question is on its way.
    """
    speed = exchange.speed
    travel_us = (exchange.received_us - exchange.sent_us) * speed - (
        exchange.server_sent_us - exchange.server_received_us
    )
    half_us = max(0.0, travel_us / 2)
    drift_us = (exchange.received_us - exchange.sent_us) * speed * DRIFT_PPM / _PPM
    return ServerClock(
        at_us=exchange.received_us,
        server_us=round(exchange.server_sent_us + half_us),
        error_us=math.ceil(half_us + drift_us) + 1,
        speed=speed,
    )


def narrowed(known: ServerClock | None, new: ServerClock) -> ServerClock:
    """Keep whichever knowledge is tighter; when they contradict each other, the new one stands.

    They contradict when the intervals do not touch: the machine slept, or the server was set.
    """
    if known is None or known.speed != new.speed:
        return new
    at_us = new.at_us
    known_us, known_error_us = known.now_us(at_us), known.error_at_us(at_us)
    low = max(known_us - known_error_us, new.server_us - new.error_us)
    high = min(known_us + known_error_us, new.server_us + new.error_us)
    if low > high:
        return new
    return ServerClock(at_us, (low + high) // 2, (high - low) // 2 + 1, new.speed)
