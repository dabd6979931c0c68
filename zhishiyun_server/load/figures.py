"""What a load run found: how long calls took, and what went wrong."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

import msgspec

PERCENTILES = (50, 90, 99)


class CallFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of call, ms."""

    count: int
    p50_ms: float
    p90_ms: float
    p99_ms: float
    most_ms: float


class Figures:
    """Collects while candidates play. Thread: the event loop."""

    def __init__(self) -> None:
        self._seconds: defaultdict[str, list[float]] = defaultdict(list)
        self.errors: Counter[str] = Counter()
        self.waits: Counter[str] = Counter()  # asked to come back later, which is no error

    def took(self, call: str, seconds: float) -> None:
        """A call was answered."""
        self._seconds[call].append(seconds)

    def failed(self, call: str, what: str) -> None:
        """A call was not answered as it should have been."""
        self.errors[f"{call}: {what}"] += 1

    def table(self) -> dict[str, CallFigures]:
        """Every kind of call, in the order in which it first happened."""
        return {call: _figures(seconds) for call, seconds in self._seconds.items()}


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` percent of all do not exceed; 0 for none."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share / 100) - 1)]


def exponent(small: float, large: float, smaller: int, larger: int) -> float:
    """How a cost grows with the number: 1 is linear, below 1 better than that."""
    if min(small, large) <= 0 or smaller == larger:
        return 0.0
    return math.log(large / small) / math.log(larger / smaller)


def _figures(seconds: list[float]) -> CallFigures:
    p50, p90, p99 = (round(1000 * percentile(seconds, share), 2) for share in PERCENTILES)
    most = round(1000 * max(seconds), 2)
    return CallFigures(count=len(seconds), p50_ms=p50, p90_ms=p90, p99_ms=p99, most_ms=most)
