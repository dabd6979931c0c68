"""Other rates and channels than what is recorded: whole, in tune, in place (R110)."""

from __future__ import annotations

import numpy as np
import pytest

from zhishiyun_client.capture.sound_shape import BLOCK_S, SoundShape, block_of, mixed
from zhishiyun_client.capture.sound_source import ways

START_US = 5_000_000


def play(rate_hz: int, channels: int, seconds: float, hz: float = 440) -> tuple[list, list]:
    """A tone through a shape, block by block; the pieces that come out and their instants."""
    shape = SoundShape(rate_hz, channels)
    size = block_of(rate_hz)
    pieces, instants = [], []
    for number in range(round(seconds / BLOCK_S)):
        time = (np.arange(size) + number * size) / rate_hz
        tone = (np.sin(2 * np.pi * hz * time) * 12_000).astype(np.int16)
        at_us = START_US + round(number * size * 1e6 / rate_hz)
        piece, piece_us = shape.feed(np.repeat(tone, channels), at_us)
        pieces.append(piece)
        instants.append(piece_us)
    return pieces, instants


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 22_050, 44_100, 48_000, 96_000])
def test_every_rate_becomes_pieces_that_follow_one_another(rate_hz: int, channels: int) -> None:
    pieces, instants = play(rate_hz, channels, 4)

    samples = np.concatenate(pieces)
    assert len(samples) >= 48_000 * 3.9
    spectrum = np.abs(np.fft.rfft(samples[: 48_000 * 3].astype(np.float64)))
    assert np.argmax(spectrum) / 3 == pytest.approx(440, abs=1)
    assert instants[0] == START_US
    lengths_us = np.array([len(piece) for piece in pieces[:-1]]) * 1e6 / 48_000
    assert np.abs(np.diff(instants) - lengths_us).max() < 50


@pytest.mark.parametrize("rate_hz", [16_000, 44_100, 48_000])
def test_a_click_stays_where_it_was(rate_hz: int) -> None:
    """Resampling delays sound inside; the instants account for it, to a tenth of a millisecond."""
    shape = SoundShape(rate_hz, 1)
    size = block_of(rate_hz)
    found_us = None
    for number in range(30):
        sound = np.zeros(size, np.int16)
        if number == 12:
            sound[size // 3] = 30_000
        at_us = START_US + round(number * size * 1e6 / rate_hz)
        piece, piece_us = shape.feed(sound, at_us)
        if len(piece) and np.abs(piece).max() > 3000:
            found_us = piece_us + int(np.abs(piece).argmax()) * 1e6 / 48_000
    click_us = START_US + (12 * size + size // 3) * 1e6 / rate_hz

    assert found_us == pytest.approx(click_us, abs=100)


@pytest.mark.parametrize("channels", [1, 2])
def test_a_block_is_counted_in_the_devices_own_samples(channels: int) -> None:
    shape = SoundShape(16_000, channels)

    assert shape.samples_in(np.zeros(320 * channels, np.int16).tobytes()) == 320


def test_one_speaking_channel_is_not_halved_by_a_silent_one() -> None:
    left = np.array([[1000, 0], [2000, 0], [-3000, 0]], np.int16).reshape(-1)
    both = np.array([[1000, 3000], [2000, 2000]], np.int16).reshape(-1)

    assert mixed(left, 2).tolist() == [1000, 2000, -3000]
    assert mixed(both, 2).tolist() == [2000, 2000]
    assert mixed(np.zeros(6, np.int16), 2).tolist() == [0, 0, 0]


def test_what_is_recorded_is_asked_for_first_then_the_devices_own() -> None:
    tried = ways(44_100, 2)

    assert tried[:4] == ((48_000, 1), (48_000, 2), (44_100, 1), (44_100, 2))
    assert len(set(tried)) == len(tried)
    assert ways(16_000, 1)[:2] == ((48_000, 1), (16_000, 1))
