"""The arithmetic of byte ranges, against sets of bytes."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from zhishiyun_server.evidence.ranges import Range, merged, missing, overlap, total

RANGES = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 20)).map(lambda p: (p[0], p[0] + p[1])),
    max_size=12,
)


def bytes_of(ranges: list[Range] | tuple[Range, ...]) -> set[int]:
    return {byte for first, end in ranges for byte in range(first, end)}


@given(RANGES)
def test_merging_keeps_every_byte_and_leaves_no_neighbours(ranges: list[Range]) -> None:
    whole = merged(ranges)

    assert bytes_of(whole) == bytes_of(ranges)
    assert all(one[1] < two[0] for one, two in pairwise(whole))
    assert total(ranges) == len(bytes_of(ranges))


@given(RANGES, st.integers(0, 90))
def test_what_is_missing_completes_what_is_held(ranges: list[Range], length: int) -> None:
    holes = missing(ranges, length)

    assert bytes_of(holes) == set(range(length)) - bytes_of(ranges)
    assert holes == merged(holes)


@given(RANGES, st.integers(0, 60), st.integers(0, 30))
def test_an_overlap_is_what_both_hold(ranges: list[Range], first: int, length: int) -> None:
    found = overlap(ranges, (first, first + length))

    assert bytes_of(found) == bytes_of(ranges) & set(range(first, first + length))
