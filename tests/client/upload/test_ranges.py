"""Byte ranges behave like a set of bytes."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from zhishiyun_client.upload.ranges import RangeSet

EDGE = st.integers(0, 40)
STEPS = st.lists(st.tuples(st.booleans(), EDGE, EDGE), max_size=20)


@given(STEPS, EDGE, EDGE)
def test_every_answer_is_that_of_a_set_of_bytes(steps, first, end):
    ranges, bytes_in = RangeSet(), set()
    for is_adding, a, b in steps:
        if is_adding:
            ranges.add(a, b)
            bytes_in |= set(range(a, b))
        else:
            ranges.remove(a, b)
            bytes_in -= set(range(a, b))

    asked = set(range(first, end))
    assert {byte for a, b in ranges for byte in range(a, b)} == bytes_in
    assert ranges.covers(first, end) == (asked <= bytes_in)
    assert ranges.touches(first, end) == bool(asked & bytes_in)
    assert ranges.total() == len(bytes_in)
    assert ranges.total(end) == len(bytes_in & set(range(end)))
    _check_gap(ranges.first_gap(end), end, bytes_in)
    runs = [b for b in range(end) if b not in bytes_in and (b == 0 or b - 1 in bytes_in)]
    assert ranges.gaps(end) == len(runs)


def _check_gap(gap, upto, bytes_in):
    missing = [byte for byte in range(upto) if byte not in bytes_in]
    if not missing:
        assert gap is None
        return
    first, end = gap
    assert first == missing[0]
    assert not set(range(first, end)) & bytes_in
    assert end == upto or end in bytes_in


@given(STEPS)
def test_ranges_stay_merged_and_sorted(steps):
    ranges = RangeSet((a, b) for is_adding, a, b in steps if is_adding)

    found = list(ranges)

    assert all(a < b for a, b in found)
    assert all(before[1] < after[0] for before, after in itertools.pairwise(found))
