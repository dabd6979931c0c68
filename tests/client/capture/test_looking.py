"""Black, covered, dark, frozen, clipped, silent, faint: told within seconds, and never wrongly."""

from __future__ import annotations

import av
import cv2
import numpy as np
import pytest

from tests.rigs.fixtures import MEDIA
from zhishiyun_client.capture.pictures import PictureEye
from zhishiyun_client.capture.sound_level import FAINT_AFTER_S, GATED_AFTER_S, SoundMeter
from zhishiyun_client.ports.devices import Picture

CHANCE = np.random.default_rng(1)
ROW = np.linspace(0.6, 1.4, 640)[None, :, None]


def scene(mean: float, noise: float = 1.5) -> np.ndarray:
    """A room: lighter on one side, with a sensor's noise."""
    lit = np.broadcast_to(mean * ROW, (360, 640, 3))
    return np.clip(lit + CHANCE.standard_normal((360, 640, 3)) * noise, 0, 255).astype(np.uint8)


def even(mean: float) -> np.ndarray:
    """A hand or a sticker on the lens: one colour and noise."""
    grain = CHANCE.standard_normal((360, 640, 3)) * 2
    return np.clip(mean + grain, 0, 255).astype(np.uint8)


def looks(eye: PictureEye, *pictures: np.ndarray) -> list[Picture]:
    return [eye.look(picture) for picture in pictures]


@pytest.mark.parametrize(
    ("picture", "mood"),
    [
        (scene(2), Picture.BLACK),
        (even(30), Picture.COVERED),
        (scene(25), Picture.DARK),
        (scene(120), Picture.GOOD),
    ],
)
def test_the_first_picture_is_judged_at_once(picture: np.ndarray, mood: Picture) -> None:
    eye = PictureEye()

    assert eye.look(picture) is mood
    assert eye.brightness_share == pytest.approx(picture.mean() / 255, abs=0.02)


@pytest.mark.parametrize(
    ("make", "mood", "within"),
    [
        (lambda: scene(2), Picture.BLACK, 2),
        (lambda: even(60), Picture.COVERED, 4),
        (lambda: scene(25), Picture.DARK, 4),
    ],
)
def test_what_lasts_is_told_within_seconds_and_over_within_two(make, mood, within) -> None:
    eye = PictureEye()
    looks(eye, scene(120), scene(120))

    moods = looks(eye, *(make() for _ in range(within)))
    assert moods[-2:] == [Picture.GOOD, mood]
    assert looks(eye, scene(120), scene(120)) == [mood, Picture.GOOD]


def test_a_hand_that_passes_the_lens_is_no_fault() -> None:
    eye = PictureEye()
    moods = looks(eye, scene(120), even(20), scene(120), scene(2), scene(120), even(60), scene(120))

    assert set(moods) == {Picture.GOOD}


def test_a_light_that_flickers_around_the_line_does_not_flicker_in_words() -> None:
    eye = PictureEye()
    looks(eye, *(scene(38) for _ in range(5)))  # 0.15: dark

    moods = looks(eye, *(scene(44 if number % 2 else 38) for number in range(20)))

    assert set(moods) == {Picture.DARK}
    assert looks(eye, scene(60), scene(60))[-1] is Picture.GOOD


def test_a_picture_that_never_changes_is_frozen_within_six_looks() -> None:
    eye = PictureEye()
    still = scene(120)
    moods = looks(eye, *(still for _ in range(6)))

    assert moods[0] is Picture.GOOD
    assert moods[-1] is Picture.FROZEN
    assert looks(eye, scene(120), scene(120))[-1] is Picture.GOOD


def test_one_changed_pixel_between_those_looked_at_shows_that_the_camera_lives() -> None:
    eye = PictureEye()
    still = scene(120)
    for number in range(10):
        still[1, 1, 0] = number
        assert eye.look(still) is Picture.GOOD


@pytest.mark.parametrize(("noise", "quality"), [(0.8, 90), (1.0, 60), (2.0, 30)])
def test_a_room_in_which_nothing_moves_is_not_frozen(noise: float, quality: int) -> None:
    """Two minutes of an empty chair, through a camera's JPEG."""
    eye = PictureEye()
    for _ in range(120):
        _ok, jpeg = cv2.imencode(".jpg", scene(110, noise), [cv2.IMWRITE_JPEG_QUALITY, quality])
        assert eye.look(cv2.imdecode(jpeg, cv2.IMREAD_COLOR)) is Picture.GOOD


def test_the_demonstration_film_raises_no_alarm() -> None:
    eye = PictureEye()
    moods = set()
    with av.open(str(MEDIA.film), format="mjpeg") as film:
        for number, frame in enumerate(film.decode(video=0)):
            if number % 15 == 0:  # it is shown 15 a second, looked at once
                moods.add(eye.look(frame.to_ndarray(format="bgr24")))

    assert moods == {Picture.GOOD}


def sine(share: float, seconds: float = 0.04, hz: float = 440) -> np.ndarray:
    time = np.arange(round(48_000 * seconds)) / 48_000
    wave = np.sin(time * 2 * np.pi * hz) * share * 32767
    return np.clip(wave, -32768, 32767).astype(np.int16)


def hiss(share: float) -> np.ndarray:
    return (CHANCE.uniform(-1, 1, 1920) * share * 32767).astype(np.int16)


def hear(meter: SoundMeter, block: np.ndarray, seconds: float) -> None:
    for _ in range(round(seconds / 0.04)):
        meter.hear(block, 48_000)


SILENCE = np.zeros(1920, np.int16)


def test_the_bar_grows_with_loudness() -> None:
    levels = []
    for share in (0.001, 0.01, 0.1, 0.9):
        meter = SoundMeter()
        hear(meter, sine(share), 1)
        levels.append(meter.sound.level_share)

    assert levels == sorted(levels)
    assert levels[0] < 0.1
    assert levels[-1] > 0.9


def test_clipping_that_lasts_is_told_and_over_when_it_is_over() -> None:
    meter = SoundMeter()
    hear(meter, sine(1.5), 0.3)
    assert meter.sound.clipped
    hear(meter, sine(0.3), 2)
    assert meter.sound.clipped
    hear(meter, sine(0.3), 2)
    assert not meter.sound.clipped


def test_a_knock_on_the_desk_is_no_clipping() -> None:
    meter = SoundMeter()
    for _ in range(5):
        hear(meter, sine(1.5), 0.08)
        hear(meter, sine(0.2), 4)
        assert not meter.sound.clipped


def test_silence_is_told_after_five_seconds_and_ends_with_a_word() -> None:
    meter = SoundMeter()
    hear(meter, SILENCE, 4)
    assert not meter.sound.silent
    hear(meter, SILENCE, 2)
    assert meter.sound.silent
    hear(meter, sine(0.05), 0.04)
    assert not meter.sound.silent


def test_a_quiet_room_is_not_silent_however_long() -> None:
    meter = SoundMeter()
    hear(meter, sine(0.1), 1)
    hear(meter, hiss(0.0002), 3600)

    assert not meter.sound.silent
    assert not meter.sound.faint


def test_a_driver_that_sends_zeros_between_words_is_given_a_minute() -> None:
    meter = SoundMeter()
    hear(meter, sine(0.1), 1)
    hear(meter, SILENCE, 2)
    hear(meter, sine(0.1), 1)
    hear(meter, SILENCE, GATED_AFTER_S - 1)
    assert not meter.sound.silent
    hear(meter, SILENCE, 2)
    assert meter.sound.silent


def test_a_microphone_that_has_given_nothing_but_hiss_is_faint_until_a_word() -> None:
    meter = SoundMeter()
    hear(meter, hiss(0.0008), FAINT_AFTER_S - 1)
    assert not meter.sound.faint
    hear(meter, hiss(0.0008), 2)
    assert meter.sound.faint
    hear(meter, sine(0.05), 0.04)
    hear(meter, hiss(0.0008), 60)
    assert not meter.sound.faint


def test_the_demonstration_voice_raises_no_alarm() -> None:
    meter = SoundMeter()
    resampler = av.AudioResampler(format="s16", layout="mono", rate=48_000)
    with av.open(str(MEDIA.voice)) as voice:
        frames = [made for it in voice.decode(audio=0) for made in resampler.resample(it)]
    samples = np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames])
    for start in range(0, len(samples) - 1920, 1920):
        meter.hear(samples[start : start + 1920], 48_000)
        told = (meter.sound.silent, meter.sound.clipped, meter.sound.faint)
        assert told == (False, False, False)
