"""Sound counted in samples and led along the monotonic clock (capture.md §4, issue 3)."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pytest

from zhishiyun_client.capture.sound_clock import MOST_LEAD, SampleClock, begin_of

RATE = 48_000
BLOCK = 960
LENGTH_US = 20_000
PER_S = 50


def play(
    clock: SampleClock,
    seconds: float,
    ppm: float = 0.0,
    late_us: float = 8000,
    first_late_us: float = 0.0,
) -> list[float]:
    """Errors, µs, of every block's place; the crystal is `ppm` fast, blocks come late by chance."""
    chance = random.Random(1)
    errors = []
    for number in range(round(seconds * PER_S)):
        truth_us = number * LENGTH_US / (1 + ppm / 1e6)
        late = chance.uniform(0, late_us) + (0 if number else first_late_us)
        errors.append(clock.place(round(truth_us + LENGTH_US + late), BLOCK) - truth_us)
    return errors


@pytest.mark.parametrize("ppm", [0, 20, 100, -100, 300, -300])
def test_a_crystal_that_is_off_stays_in_step(ppm: float) -> None:
    """Issue 3: sd ≤ 10 ms, at most ten milliseconds in ten minutes; this is far inside."""
    clock = SampleClock(RATE)
    errors = play(clock, 600, ppm)

    settled = np.array(errors[10 * PER_S :])
    assert abs(settled).max() <= 8000
    learnt = np.array(errors[120 * PER_S :])
    assert learnt.std() < 500
    assert abs(learnt.mean()) < 1000
    assert clock.crystal_ppm == pytest.approx(-ppm, abs=30)


def test_without_leading_the_same_crystal_would_drift_away() -> None:
    clock = SampleClock(RATE)
    clock._close_window = lambda _error_us: None  # type: ignore[method-assign]

    assert abs(play(clock, 600, 100)[-1]) > 50_000


def test_a_first_block_that_came_very_late_is_made_good_within_seconds() -> None:
    clock = SampleClock(RATE)
    errors = play(clock, 30, first_late_us=60_000)

    assert errors[0] >= 60_000
    assert max(errors[10 * PER_S :]) < 10_000


def test_a_heap_of_old_sound_at_the_start_is_caught_up_within_seconds() -> None:
    """Eight tenths of a second come at once: what follows is then placed that much too late."""
    clock = SampleClock(RATE)
    errors = play(clock, 40, first_late_us=800_000)

    assert errors[0] >= 800_000
    assert max(errors[15 * PER_S :]) < 100_000
    assert max(errors[30 * PER_S :]) < 10_000


@pytest.mark.parametrize("ppm", [1000, -1000])
def test_times_grow_evenly_even_when_led(ppm: float) -> None:
    clock = SampleClock(RATE)
    chance = random.Random(2)
    placed = []
    for number in range(PER_S * 120):
        arrived = number * LENGTH_US / (1 + ppm / 1e6) + LENGTH_US + chance.uniform(0, 9000)
        placed.append(clock.place(round(arrived), BLOCK))

    steps = [after - before for before, after in pairwise(placed)]
    assert min(steps) >= LENGTH_US * (1 - 1.1 * MOST_LEAD)
    assert max(steps) <= LENGTH_US * (1 + 1.1 * MOST_LEAD)


def test_sound_that_was_lost_moves_what_follows_to_its_true_place() -> None:
    clock = SampleClock(RATE)
    play(clock, 4)
    hole_us = 400_000
    errors = []
    for number in range(4 * PER_S, 7 * PER_S):
        truth_us = number * LENGTH_US + hole_us
        overflowed = number == 4 * PER_S
        start_us = clock.place(truth_us + LENGTH_US, BLOCK, overflowed=overflowed)
        errors.append(start_us - truth_us)

    assert errors[0] < -300_000
    assert max(map(abs, errors[2 * PER_S :])) < 10_000
    assert clock.losses == 1


def test_losses_in_a_row_are_placed_all_the_same() -> None:
    """A system that reports a loss with every block must not keep the count from being led."""
    clock = SampleClock(RATE)
    errors = []
    for number in range(10 * PER_S):
        truth_us = number * (LENGTH_US + 5000)
        start_us = clock.place(truth_us + LENGTH_US, BLOCK, overflowed=True)
        errors.append(start_us - truth_us)

    assert min(errors) > -250_000


def test_the_least_late_of_the_first_blocks_tells_when_the_stream_began() -> None:
    late_us = [60_000, 90_000, 31_000, 12_000, 4_000, 9_000]
    arrivals = [((n + 1) * LENGTH_US + late, BLOCK) for n, late in enumerate(late_us)]

    assert begin_of(arrivals, RATE) == 4_000
