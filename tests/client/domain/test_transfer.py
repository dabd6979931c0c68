"""When to try again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from zhishiyun_client.domain.transfer import USUAL, Schedule


def test_waits_double_up_to_a_limit():
    schedule = Schedule(first_s=1, most_s=10)

    assert [schedule.wait_s(n, 1.0) for n in range(1, 7)] == [1, 2, 4, 8, 10, 10]


def test_half_of_every_wait_is_left_to_chance():
    assert Schedule(first_s=1).wait_s(3, 0.0) == 2
    assert Schedule(first_s=1).wait_s(3, 1.0) == 4


@given(st.integers(0, 10_000), st.floats(0, 1), st.none() | st.floats(-10, 1e9))
def test_no_wait_is_endless_or_negative_and_none_undercuts_the_server(attempt, chance, asked_s):
    wait_s = USUAL.wait_s(attempt, chance, asked_s)

    assert 0 < wait_s <= USUAL.longest_asked_s + USUAL.first_s
    if asked_s is not None:
        assert wait_s >= min(asked_s, USUAL.longest_asked_s)
