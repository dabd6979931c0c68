"""The rig that measures recordings reads what it writes, and tells wrong times from right ones."""

from __future__ import annotations

import numpy as np
import pytest

from tests.rigs.beacon.film import PICTURES
from tests.rigs.beacon.marks import BITS, SOUND_HZ, heard_at, paint, read, sound_at
from tests.rigs.beacon.window_numbers import NUMBERS

CHANCE = np.random.default_rng(5)


def test_every_number_is_read_as_it_was_painted() -> None:
    assert max(PICTURES, NUMBERS) <= 1 << BITS
    for number in range(1 << BITS):
        canvas = CHANCE.integers(0, 256, (64, 640)).astype(np.uint8)
        paint(canvas, number, 24, flash=number % 3 == 0)
        assert read(canvas, 24) == (number, number % 3 == 0)


def test_where_no_strip_is_nothing_is_read() -> None:
    assert read(np.zeros((64, 640), np.uint8), 24) is None
    assert read(np.full((64, 640), 128, np.uint8), 24) is None
    torn = np.zeros((64, 640), np.uint8)
    paint(torn, 5, 24, flash=False)
    torn[:24, 11 * 24 : 12 * 24] = 255  # the parity of another number
    assert read(torn, 24) is None


@pytest.mark.parametrize("late_s", [-0.2, -0.0031, 0.0, 0.0005, 0.07])
@pytest.mark.parametrize("since_s", [0.03, 0.5, 0.97])
def test_a_tenth_of_a_second_of_sound_tells_when_it_was_heard(
    late_s: float, since_s: float
) -> None:
    truth_s = 1000 + since_s
    samples = sound_at(truth_s + np.arange(4800) / SOUND_HZ)
    noisy = samples + CHANCE.standard_normal(4800) * 500

    heard_s, fit = heard_at(noisy, truth_s + late_s)

    assert heard_s == pytest.approx(truth_s, abs=0.0001)
    assert fit > 0.95
