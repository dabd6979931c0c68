"""The exam's clock in a simulated network: asymmetry, jitter, skew and drift (design §5)."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from zhishiyun_protocol.clock import DRIFT_PPM, Exchange, ServerClock, measured, narrowed

SECOND_US = 1_000_000
HOUR_US = 3600 * SECOND_US
crystals = st.integers(-DRIFT_PPM, DRIFT_PPM)
skews = st.integers(-(10**15), 10**15)
speeds = st.sampled_from([1.0, 30.0, 240.0])
exchanges = st.lists(
    st.tuples(
        st.integers(0, 60 * SECOND_US),  # after the one before
        st.integers(1, 3 * SECOND_US),  # out
        st.integers(0, SECOND_US),  # at the server
        st.integers(1, 3 * SECOND_US),  # back
    ),
    min_size=1,
    max_size=12,
)


@dataclass
class World:
    """True time, a server that shows it `speed` times as fast, a crystal here that is off."""

    skew_us: int
    drift_ppm: int
    speed: float
    true_us: int = 0

    def local_us(self) -> int:
        return self.skew_us + round(self.true_us * (1 + self.drift_ppm / 1e6))

    def server_us(self) -> int:
        return 10**15 + round(self.true_us * self.speed)

    def exchange(self, out_us: int, there_us: int, back_us: int) -> Exchange:
        sent_us = self.local_us()
        self.true_us += out_us
        received_us = self.server_us()
        self.true_us += there_us
        answered_us = self.server_us()
        self.true_us += back_us
        return Exchange(sent_us, received_us, answered_us, self.local_us(), self.speed)

    def holds(self, clock: ServerClock) -> bool:
        off_us = abs(clock.now_us(self.local_us()) - self.server_us())
        return off_us <= clock.error_at_us(self.local_us()) + self.speed  # ± one tick of rounding


@settings(max_examples=400, deadline=None)
@given(skews, crystals, speeds, exchanges, st.integers(0, 3 * HOUR_US))
def test_the_truth_is_inside_after_every_exchange_and_hours_later(
    skew: int, drift: int, speed: float, course: list[tuple[int, int, int, int]], later_us: int
) -> None:
    world = World(skew, drift, speed)
    known: ServerClock | None = None
    for pause_us, out_us, there_us, back_us in course:
        world.true_us += pause_us
        known = narrowed(known, measured(world.exchange(out_us, there_us, back_us)))
        assert world.holds(known)
    world.true_us += later_us

    assert known is not None
    assert world.holds(known)


@settings(max_examples=200, deadline=None)
@given(skews, crystals, exchanges)
def test_more_exchanges_never_make_it_worse_than_the_best_alone(
    skew: int, drift: int, course: list[tuple[int, int, int, int]]
) -> None:
    world = World(skew, drift, 1.0)
    known: ServerClock | None = None
    for _, out_us, there_us, back_us in course:
        new = measured(world.exchange(out_us, there_us, back_us))
        known = narrowed(known, new)

        assert known.error_us <= new.error_us + 1


@settings(max_examples=100, deadline=None)
@given(skews, crystals, exchanges, st.integers(10 * SECOND_US, 8 * HOUR_US))
def test_after_sleep_the_next_answer_puts_it_right(
    skew: int, drift: int, course: list[tuple[int, int, int, int]], slept_us: int
) -> None:
    """A machine whose monotonic clock stands still while it sleeps."""
    world = World(skew, drift, 1.0)
    known: ServerClock | None = None
    for _, out_us, there_us, back_us in course:
        known = narrowed(known, measured(world.exchange(out_us, there_us, back_us)))
    before = world.local_us()
    world.true_us += slept_us
    world.skew_us -= world.local_us() - before  # the local clock did not go on

    known = narrowed(known, measured(world.exchange(1000, 0, 1000)))

    assert world.holds(known)
