"""Black, dark, frozen, loud, clipped, silent: noticed within seconds (R111)."""

from __future__ import annotations

import numpy as np
import pytest

from zhishiyun_client.capture.pictures import PictureEye
from zhishiyun_client.capture.sound_level import SoundMeter
from zhishiyun_client.ports.devices import Picture

CHANCE = np.random.default_rng(1)


def noise(mean: int) -> np.ndarray:
    return CHANCE.integers(max(0, mean - 3), mean + 4, (360, 640, 3)).astype(np.uint8)


@pytest.mark.parametrize(
    ("mean", "mood"), [(2, Picture.BLACK), (25, Picture.DARK), (120, Picture.GOOD)]
)
def test_brightness_is_judged(mean: int, mood: Picture) -> None:
    eye = PictureEye()

    assert eye.look(noise(mean)) is mood
    assert eye.brightness_share == pytest.approx(mean / 255, abs=0.02)


def test_a_picture_that_never_changes_is_frozen_within_five_looks() -> None:
    eye = PictureEye()
    still = noise(120)
    moods = [eye.look(still) for _ in range(5)]

    assert moods[0] is Picture.GOOD
    assert moods[-1] is Picture.FROZEN
    assert eye.look(noise(120)) is Picture.GOOD


def sine(share: float, seconds: float = 0.04) -> np.ndarray:
    time = np.arange(round(48_000 * seconds)) / 48_000
    return np.clip(np.sin(time * 2 * np.pi * 440) * share * 32767, -32768, 32767).astype(np.int16)


def hear(meter: SoundMeter, block: np.ndarray, seconds: float) -> None:
    for _ in range(round(seconds / 0.04)):
        meter.hear(block, 48_000)


def test_the_bar_grows_with_loudness() -> None:
    levels = []
    for share in (0.001, 0.01, 0.1, 0.9):
        meter = SoundMeter()
        hear(meter, sine(share), 1)
        levels.append(meter.sound.level_share)

    assert levels == sorted(levels)
    assert levels[0] < 0.1
    assert levels[-1] > 0.9


def test_clipping_is_told_for_some_seconds() -> None:
    meter = SoundMeter()
    hear(meter, sine(1.5), 0.1)
    assert meter.sound.clipped
    hear(meter, sine(0.3), 4)
    assert not meter.sound.clipped


def test_silence_is_told_after_five_seconds_and_ends_with_a_word() -> None:
    meter = SoundMeter()
    silent = np.zeros(1920, np.int16)
    hear(meter, silent, 4)
    assert not meter.sound.silent
    hear(meter, silent, 2)
    assert meter.sound.silent
    hear(meter, sine(0.05), 0.04)
    assert not meter.sound.silent
