"""The server's time on a client is an interval that always holds the truth (design §5)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from zhishiyun_protocol.clock import Exchange, ServerClock, measured, narrowed

delays = st.integers(0, 3_000_000)


def exchange(offset_us: int, out_us: int, back_us: int, at_us: int, speed: float = 1.0) -> Exchange:
    """One exchange with a server whose clock shows local × speed + offset."""
    there_us = at_us + out_us
    return Exchange(
        sent_us=at_us,
        server_received_us=round(there_us * speed) + offset_us,
        server_sent_us=round(there_us * speed) + offset_us,
        received_us=there_us + back_us,
        speed=speed,
    )


@given(
    offset=st.integers(-(10**12), 10**12), out=delays, back=delays, speed=st.sampled_from([1, 30])
)
def test_the_truth_is_inside_under_any_asymmetry(
    offset: int, out: int, back: int, speed: int
) -> None:
    clock = measured(exchange(offset, out, back, 5_000_000, speed))

    truth_us = 5_000_000 * speed + (out + back) * speed + offset
    assert abs(clock.now_us(5_000_000 + out + back) - truth_us) <= clock.error_us


@given(st.lists(st.tuples(delays, delays), min_size=1, max_size=20))
def test_more_exchanges_never_lose_the_truth(paths: list[tuple[int, int]]) -> None:
    known: ServerClock | None = None
    at_us = 0
    for out, back in paths:
        known = narrowed(known, measured(exchange(777, out, back, at_us)))
        at_us += 10_000_000
        assert abs(known.now_us(at_us) - (at_us + 777)) <= known.error_at_us(at_us)


def test_a_clock_that_was_set_is_believed_again() -> None:
    old = measured(exchange(0, 1000, 1000, 0))
    new = measured(exchange(60_000_000, 1000, 1000, 1_000_000))

    assert narrowed(old, new) == new


def test_local_and_server_time_are_inverse() -> None:
    clock = ServerClock(at_us=100, server_us=5_000, error_us=1, speed=4.0)

    assert clock.now_us(clock.local_us(9_000)) == 9_000
