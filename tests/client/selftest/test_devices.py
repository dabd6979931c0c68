"""Camera, microphone and screen: numbers to verdicts (R031, F15, F16)."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from zhishiyun_client.ports.checks import (
    Advice,
    CameraReading,
    CheckContext,
    Missing,
    Needs,
    Outcome,
    Probes,
    ScreenReading,
    SoundReading,
)
from zhishiyun_client.ports.devices import Picture
from zhishiyun_client.selftest.devices import (
    CameraCheck,
    MicrophoneCheck,
    ScreenCheck,
    judge_camera,
    judge_screen,
    judge_sound,
)


class Sampled:
    """A device that answers what the test says."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    def sample(self, for_s: float) -> object:
        return self.answer


def context(tmp_path: Path, **probes: object) -> CheckContext:
    return CheckContext(
        Needs(), tmp_path, Probes(**probes), time.monotonic_ns, time.time_ns, lambda s: False
    )


@pytest.mark.parametrize(
    ("fps", "brightness_share", "outcome", "advice"),
    [
        (15.0, 0.5, Outcome.PASSED, Advice.NONE),
        (12.0, 0.5, Outcome.PASSED, Advice.NONE),
        (8.0, 0.5, Outcome.WEAK, Advice.CAMERA_SLOW),
        (2.0, 0.5, Outcome.WEAK, Advice.CAMERA_SLOW),
        (15.0, 0.1, Outcome.WEAK, Advice.CAMERA_DARK),
        (15.0, 0.0, Outcome.FAILED, Advice.CAMERA_DARK),
    ],
)
def test_slow_or_dark_cameras_are_told_and_only_black_ones_fail(
    fps: float, brightness_share: float, outcome: Outcome, advice: Advice
):
    found = judge_camera(CameraReading(1280, 720, fps, brightness_share), 15)

    assert (found.outcome, found.advice, found.measured) == (outcome, advice, fps)
    assert found.threshold == 12.0


@pytest.mark.parametrize(
    ("picture", "advice"),
    [(Picture.FROZEN, Advice.CAMERA_FROZEN), (Picture.COVERED, Advice.CAMERA_COVERED)],
)
def test_a_picture_without_life_is_told_but_keeps_nobody_out(picture: Picture, advice: Advice):
    found = judge_camera(CameraReading(1280, 720, 15.0, 0.5, picture), 15)

    assert (found.outcome, found.advice) == (Outcome.WEAK, advice)


@pytest.mark.parametrize(
    ("reason", "advice"),
    [
        ("NONE", Advice.CAMERA_NONE),
        ("EMPTY", Advice.CAMERA_NO_PICTURE),
        ("BUSY", Advice.CAMERA_NO_PICTURE),  # by whom the system does not tell
        ("FORBIDDEN", Advice.CAMERA_FORBIDDEN),
    ],
)
def test_why_there_is_no_picture_is_told(tmp_path: Path, reason: str, advice: Advice):
    found = CameraCheck().run(context(tmp_path, camera=Sampled(Missing(reason))))

    assert (found.outcome, found.advice, found.params) == (Outcome.FAILED, advice, ())


def test_a_camera_that_somebody_has_names_him(tmp_path: Path):
    busy = Sampled(Missing("BUSY", "微信"))

    found = CameraCheck().run(context(tmp_path, camera=busy))

    assert (found.outcome, found.advice) == (Outcome.FAILED, Advice.CAMERA_BUSY)
    assert found.params == (("program", "微信"),)
    assert found.blocks


@pytest.mark.parametrize(
    ("level_db", "peak_db", "outcome", "advice"),
    [
        (-30.0, -10.0, Outcome.PASSED, Advice.NONE),
        (-20.0, -0.1, Outcome.WEAK, Advice.MICROPHONE_LOUD),
        (-60.0, -50.0, Outcome.WEAK, Advice.MICROPHONE_SILENT),
        (-90.0, -80.0, Outcome.FAILED, Advice.MICROPHONE_SILENT),
    ],
)
def test_silence_never_passes(level_db: float, peak_db: float, outcome: Outcome, advice: Advice):
    found = judge_sound(SoundReading(level_db, peak_db))

    assert (found.outcome, found.advice) == (outcome, advice)


@pytest.mark.parametrize(
    ("fps", "is_black", "outcome", "advice"),
    [
        (10.0, False, Outcome.PASSED, Advice.NONE),
        (3.0, False, Outcome.WEAK, Advice.PROCESSOR_SLOW),
        (10.0, True, Outcome.FAILED, Advice.SCREEN_BLACK),
    ],
)
def test_a_black_screen_is_no_recording(
    fps: float, is_black: bool, outcome: Outcome, advice: Advice
):
    found = judge_screen(ScreenReading(1920, 1080, fps, is_black), 10)

    assert (found.outcome, found.advice) == (outcome, advice)


@pytest.mark.parametrize(
    ("check", "probe", "advice"),
    [
        (CameraCheck(), "camera", Advice.CAMERA_NONE),
        (MicrophoneCheck(), "microphone", Advice.MICROPHONE_NONE),
        (ScreenCheck(), "screen", Advice.SCREEN_NONE),
    ],
)
def test_what_is_not_there_fails_and_what_cannot_be_asked_is_skipped(
    tmp_path: Path, check: CameraCheck, probe: str, advice: Advice
):
    absent = check.run(context(tmp_path, **{probe: Sampled(Missing("NONE"))}))
    unasked = check.run(context(tmp_path))

    assert (absent.outcome, absent.advice, absent.blocks) == (Outcome.FAILED, advice, True)
    assert (unasked.outcome, unasked.blocks) == (Outcome.SKIPPED, False)
