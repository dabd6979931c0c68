"""Byte ranges [from, to): merged, sorted, asked and changed by the uploader's bookkeeping."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

Range = tuple[int, int]


class RangeSet:
    """A set of bytes kept as few ranges. Thread: one at a time."""

    def __init__(self, ranges: Iterable[Range] = ()) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for first, end in ranges:
            self.add(first, end)

    def add(self, first: int, end: int) -> None:
        """Put [first, end) in; what touches becomes one."""
        if first >= end:
            return
        low = bisect_left(self._ends, first)
        high = bisect_right(self._starts, end)
        if low < high:
            first = min(first, self._starts[low])
            end = max(end, self._ends[high - 1])
        self._starts[low:high] = [first]
        self._ends[low:high] = [end]

    def remove(self, first: int, end: int) -> None:
        """Take [first, end) out."""
        if first >= end:
            return
        low = bisect_right(self._ends, first)
        high = bisect_left(self._starts, end)
        if low >= high:
            return
        left = (self._starts[low], first)
        right = (end, self._ends[high - 1])
        rest = [(a, b) for a, b in (left, right) if a < b]
        self._starts[low:high] = [a for a, _ in rest]
        self._ends[low:high] = [b for _, b in rest]

    def covers(self, first: int, end: int) -> bool:
        """Whether every byte of [first, end) is in."""
        if first >= end:
            return True
        at = bisect_right(self._starts, first) - 1
        return at >= 0 and self._ends[at] >= end

    def touches(self, first: int, end: int) -> bool:
        """Whether any byte of [first, end) is in."""
        at = bisect_right(self._ends, first)
        return first < end and at < len(self._starts) and self._starts[at] < end

    def first_gap(self, upto: int) -> Range | None:
        """The first [from, to) below `upto` that is not in."""
        if upto <= 0:
            return None
        if not self._starts or self._starts[0] > 0:
            return (0, min(upto, self._starts[0]) if self._starts else upto)
        end = self._ends[0]
        if end >= upto:
            return None
        return (end, min(upto, self._starts[1]) if len(self._starts) > 1 else upto)

    def gaps(self, upto: int) -> int:
        """How many stretches below `upto` are not in."""
        end, count = 0, 0
        for first, last in zip(self._starts, self._ends, strict=True):
            if first >= upto:
                break
            count += first > end
            end = last
        return count + (end < upto)

    def total(self, upto: int | None = None) -> int:
        """How many bytes are in, below `upto` where it is given."""
        limit = upto if upto is not None else (self._ends[-1] if self._ends else 0)
        return sum(
            max(0, min(end, limit) - first)
            for first, end in zip(self._starts, self._ends, strict=True)
        )

    def __iter__(self) -> Iterator[Range]:
        return iter(list(zip(self._starts, self._ends, strict=True)))
