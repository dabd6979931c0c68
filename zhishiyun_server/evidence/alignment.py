"""One clock for several recordings: the exam's, as their records knew it (R075)."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

from zhishiyun_protocol.evidence.layout import UNKNOWN_ERROR_US, RecordHeader


@dataclass(slots=True)
class ClockPoints:
    """What records of one recording say: the exam's clock, the place on its timeline, all µs."""

    _points: dict[int, tuple[int, int]] = field(default_factory=dict)  # exam → (place, error)

    def note(self, header: RecordHeader, place_us: int) -> None:
        """A record that knew the exam's clock."""
        if header.server_us > 0 and header.error_us != UNKNOWN_ERROR_US:
            self._points[header.server_us] = place_us, header.error_us

    def place_us(self, exam_us: int) -> int | None:
        """Where on the timeline the exam's clock showed `exam_us`; None while nothing is known."""
        return _carried([(exam, place) for exam, place, _ in self._sorted()], exam_us)

    def exam_us(self, place_us: int) -> int | None:
        """What the exam's clock showed at a place of the timeline; None while nothing is known."""
        return _carried(sorted((place, exam) for exam, place, _ in self._sorted()), place_us)

    def error_us(self, exam_us: int) -> int | None:
        """How far off `place_us` may be: the word of the record that is nearest in time."""
        order = self._sorted()
        if not order:
            return None
        return min(order, key=lambda each: abs(each[0] - exam_us))[2]

    def _sorted(self) -> list[tuple[int, int, int]]:
        return sorted((exam, place, error) for exam, (place, error) in self._points.items())


def _carried(points: list[tuple[int, int]], at: int) -> int | None:
    """The straight line through the two points around `at`; outside all, it is carried on.

    The slope between two points tells the clock's speed.
    """
    if not points:
        return None
    if len(points) == 1:
        return points[0][1] + at - points[0][0]
    after = min(max(bisect_left(points, (at,)), 1), len(points) - 1)
    (from_x, from_y), (to_x, to_y) = points[after - 1], points[after]
    if to_x == from_x:
        return from_y
    return from_y + round((at - from_x) / (to_x - from_x) * (to_y - from_y))
