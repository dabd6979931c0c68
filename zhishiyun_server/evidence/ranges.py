"""Arithmetic on byte ranges [from, to): what is held, what is missing."""

from __future__ import annotations

from collections.abc import Iterable

Range = tuple[int, int]


def merged(ranges: Iterable[Range]) -> tuple[Range, ...]:
    """Sorted, touching and overlapping ranges joined, empty ones dropped."""
    whole: list[Range] = []
    for first, end in sorted(ranges):
        if first >= end:
            continue
        if whole and first <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(whole[-1][1], end))
        else:
            whole.append((first, end))
    return tuple(whole)


def missing(ranges: Iterable[Range], length: int) -> tuple[Range, ...]:
    """What `ranges` leave out of [0, length)."""
    holes: list[Range] = []
    at = 0
    for first, end in merged(ranges):
        if first >= length:
            break
        if at < first:
            holes.append((at, first))
        at = max(at, end)
    if at < length:
        holes.append((at, length))
    return tuple(holes)


def overlap(ranges: Iterable[Range], wanted: Range) -> tuple[Range, ...]:
    """The parts of `wanted` that are in `ranges`."""
    first, end = wanted
    return merged((max(a, first), min(b, end)) for a, b in ranges)


def total(ranges: Iterable[Range]) -> int:
    """How many bytes."""
    return sum(end - first for first, end in merged(ranges))
