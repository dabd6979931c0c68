"""Sound put on an even grid: nothing lost, nothing heard, holes stay holes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from zhishiyun_client.capture.sound_stretch import AHEAD, SoundStretch, _cubic, _moved

RATE, FRAME, FRAME_US = 48_000, 1920, 40_000
BLOCK = 960


def tone(first: int, count: int, hz: float = 1000.0, ppm: float = 0.0) -> np.ndarray:
    """A tone as a card hears it whose crystal is `ppm` fast."""
    at_s = np.arange(first, first + count) / (RATE * (1 + ppm / 1e6))
    return np.rint(10_000 * np.sin(2 * np.pi * hz * at_s)).astype(np.int16)


def run(seconds: float, ppm: float, hz: float = 1000.0) -> tuple[np.ndarray, list[int]]:
    """Everything that comes out of blocks that are placed where they were heard."""
    stretch = SoundStretch(RATE, FRAME)
    frames, times = [], []
    for number in range(round(seconds * RATE / BLOCK)):
        start_us = round(number * BLOCK / (RATE * (1 + ppm / 1e6)) * 1e6)
        for samples, at_us in stretch.frames(tone(number * BLOCK, BLOCK, hz, ppm), start_us):
            frames.append(samples)
            times.append(at_us)
    return np.concatenate(frames), times


def test_a_true_crystal_is_left_as_it_is_to_the_bit() -> None:
    sound, times = run(2, 0)

    assert np.array_equal(sound[AHEAD:], tone(0, len(sound) - AHEAD))
    assert {after - before for before, after in pairwise(times)} == {FRAME_US}


@pytest.mark.parametrize("ppm", [100, -100, 300, -300])
def test_frames_follow_one_another_and_hold_the_sound_of_their_time(ppm: float) -> None:
    sound, times = run(20, ppm)
    at_s = times[0] / 1e6 + np.arange(len(sound)) / RATE
    truth = 10_000 * np.sin(2 * np.pi * 1000 * at_s)

    assert {after - before for before, after in pairwise(times)} == {FRAME_US}
    error = (sound - truth)[RATE:]  # after a second it has settled
    late_us = np.sqrt(2 * (error**2).mean()) / 10_000 / (2 * np.pi * 1000) * 1e6
    assert late_us < 50


@pytest.mark.parametrize("hz", [440, 3000])
def test_nothing_clicks(hz: float) -> None:
    """All that is not the tone lies 50 dB below it; at 8 kHz the level wavers by 0.25 dB."""
    sound, _ = run(10, 100, hz)
    piece = sound[RATE : 9 * RATE].astype(float) * np.blackman(8 * RATE)
    power = np.abs(np.fft.rfft(piece)) ** 2
    at = round(hz * 8)
    near = power[at - 80 : at + 81].sum()

    assert 10 * np.log10(near / (power.sum() - near)) > 50


def test_one_frame_for_every_frame_of_blocks_at_once() -> None:
    stretch = SoundStretch(RATE, FRAME)
    for number in range(100):
        given = list(stretch.frames(tone(number * FRAME, FRAME), number * FRAME_US))
        assert len(given) == 1


def test_a_hole_stays_one_and_what_follows_lies_at_its_place() -> None:
    stretch = SoundStretch(RATE, FRAME)
    times = []
    for number in range(101):
        hole_us = 500_000 if number >= 51 else 0
        start_us = number * 20_000 + hole_us
        times += [at for _, at in stretch.frames(tone(number * BLOCK, BLOCK), start_us)]

    steps = [after - before for before, after in pairwise(times)]
    assert sorted(steps)[-2:] == [FRAME_US, 520_000 - 20_000 + FRAME_US - 20_000]
    assert times[-1] == pytest.approx(100 * 20_000 + 500_000 - FRAME_US + 20_000, abs=50)


def test_the_last_samples_are_kept_filled_up_with_silence() -> None:
    stretch = SoundStretch(RATE, FRAME)
    given = list(stretch.frames(tone(0, BLOCK), 0))
    rest = list(stretch.finish())

    assert given == []
    assert len(rest) == 1
    assert np.array_equal(rest[0][0][AHEAD:BLOCK], tone(0, BLOCK - AHEAD))
    assert not rest[0][0][BLOCK:].any()
    assert list(stretch.finish()) == []


def test_a_block_that_is_only_moved_is_moved_by_the_same_curve() -> None:
    known = np.random.default_rng(7).integers(-9000, 9000, 103).astype(np.float32)
    places = np.arange(100)

    for part in (0.0, 0.25, 0.9):
        everywhere = np.full(100, part, np.float32)
        assert np.array_equal(_moved(known, part, 100), _cubic(known, places, everywhere))
