"""What the line carries: from it follow the size of chunks, how many travel, and an honest ETA."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

SMALLEST_BYTES = 64 * 1024
LARGEST_BYTES = 2 * 1024 * 1024
FIRST_BYTES = SMALLEST_BYTES  # until the line has been measured
AIM_S = 1.0  # what travels is about what the line carries in this time (design §4)
LEAST_AIM_S = 0.25  # on a line that keeps being cut, little is lost at each cut
MOST_AT_ONCE = 3
PATIENCE = 4.0  # a chunk may take so many times what is expected
LEAST_WITHIN_S = 10.0
MOST_WITHIN_S = 600.0
CHECK_LOW_S, CHECK_HIGH_S = 0.5, 5.0  # the server's own check at the end, part of the ETA
_WEIGHT = 0.3  # of the newest measurement
_SLOW_TRIP, _VERY_SLOW_TRIP = 0.1, 0.4  # round trip as a share of a chunk's whole time
_AIM_GROWS = 1.1  # after every chunk that arrives
_TRIPS = 16  # round trips that are remembered
_DOUBT = 0.15  # a rate is never known better than this


@dataclass(frozen=True, slots=True)
class Eta:
    """A range of seconds; None while nothing was measured."""

    low_s: float | None
    high_s: float | None


class LineGauge:
    """Learns from every chunk and every small call. Thread: the pump's."""

    def __init__(self) -> None:
        self.rate_bytes_s = 0.0
        self._spread_bytes_s = 0.0
        self._trips_s: deque[float] = deque(maxlen=_TRIPS)
        self._size_bytes = FIRST_BYTES
        self._aim_s = AIM_S
        self.at_once = 1

    @property
    def chunk_bytes(self) -> int:
        """How long the next chunk should be."""
        return self._size_bytes

    def within_s(self, length: int, failures: int = 0) -> float:
        """The deadline of one chunk: generous, and doubled after every failure."""
        rate = self.rate_bytes_s or SMALLEST_BYTES
        expected_s = length * self.at_once / rate
        within_s = max(LEAST_WITHIN_S, PATIENCE * expected_s) * 2.0 ** min(failures, 8)
        return float(min(within_s, MOST_WITHIN_S))

    def round_trip(self, seconds: float) -> None:
        """A call with a small question and a small answer took so long.

        The quickest of the newest counts: the others stood in the queue of our own chunks.
        """
        self._trips_s.append(seconds)

    def carried(self, length: int, seconds: float, at_once: int) -> None:
        """A chunk of `length` bytes took so long while `at_once` travelled."""
        trip_s = min(self._trips_s, default=0.0)
        moving_s = max(seconds - trip_s, seconds * 0.2, 1e-4)
        rate = length / moving_s * at_once
        self._spread_bytes_s = _mixed(self._spread_bytes_s, abs(rate - self.rate_bytes_s))
        self.rate_bytes_s = _mixed(self.rate_bytes_s, rate)
        self._aim_s = min(AIM_S, self._aim_s * _AIM_GROWS)
        carries = self.rate_bytes_s * (self._aim_s + trip_s)
        trip_share = trip_s / max(seconds, 1e-4)
        by_trip = 1 + (trip_share > _SLOW_TRIP) + (trip_share > _VERY_SLOW_TRIP)
        self.at_once = min(MOST_AT_ONCE, max(by_trip, math.ceil(carries / LARGEST_BYTES)))
        wanted = int(carries / self.at_once)
        grown = min(wanted, self._size_bytes * 2)
        self._size_bytes = max(SMALLEST_BYTES, min(LARGEST_BYTES, grown))

    def failed(self) -> None:
        """A chunk did not arrive: be modest."""
        self.rate_bytes_s /= 2
        self._aim_s = max(LEAST_AIM_S, self._aim_s / 2)
        self._size_bytes = max(SMALLEST_BYTES, self._size_bytes // 2)
        self.at_once = 1

    def eta(self, left_bytes: int) -> Eta:
        """How long what is left will take, the server's check included."""
        if self.rate_bytes_s <= 0:
            return Eta(None, None)
        doubt = max(self._spread_bytes_s, self.rate_bytes_s * _DOUBT)
        quick = self.rate_bytes_s + doubt
        slow = max(self.rate_bytes_s - doubt, self.rate_bytes_s / 3)
        return Eta(left_bytes / quick + CHECK_LOW_S, left_bytes / slow + CHECK_HIGH_S)


def _mixed(old: float, new: float) -> float:
    return new if old == 0 else old + (new - old) * _WEIGHT
