"""Camera, microphone and screen, as the recorder will use them (R031, F15, F16)."""

from __future__ import annotations

from zhishiyun_client.ports.checks import (
    Advice,
    CameraReading,
    CheckContext,
    CheckId,
    CheckResult,
    Missing,
    Outcome,
    ScreenReading,
    SoundReading,
    Unit,
)
from zhishiyun_client.ports.devices import Picture
from zhishiyun_client.selftest.judging import at_least, failed, result, skipped

SAMPLE_S = 3.0
GOOD_FPS_SHARE = 0.8  # of what the plan asks; a dim room makes cameras slower
USABLE_FPS_SHARE = 0.5
DARK_SHARE = 0.12  # mean luma below which faces are not found: research/face.md, low light
BLACK_SHARE = 0.02
QUIET_DB = -50.0  # speech at arm's length lies at -35…-20 dBFS; a muted input below -70
SILENT_DB = -70.0
CLIPPED_DB = -0.5
USABLE_SCREEN_FPS_SHARE = 0.5
NO_CAMERA = {
    "BUSY": Advice.CAMERA_NO_PICTURE,
    "EMPTY": Advice.CAMERA_NO_PICTURE,
    "FORBIDDEN": Advice.CAMERA_FORBIDDEN,
}
ODD_PICTURES = {
    Picture.COVERED: Advice.CAMERA_COVERED,
    Picture.FROZEN: Advice.CAMERA_FROZEN,
}


class CameraCheck:
    """Opened, format, measured rate, brightness."""

    id = CheckId.CAMERA
    limit_s = 20.0
    is_required = True

    def run(self, context: CheckContext) -> CheckResult:
        """Look for a few seconds."""
        if context.probes.camera is None:
            return skipped(self.id)
        reading = context.probes.camera.sample(SAMPLE_S)
        if isinstance(reading, Missing):
            is_busy = reading.reason == "BUSY" and reading.program != ""
            advice = NO_CAMERA.get(reading.reason, Advice.CAMERA_NONE)
            return failed(
                self.id,
                Advice.CAMERA_BUSY if is_busy else advice,
                (("program", reading.program),) if is_busy else (),
                is_required=True,
            )
        return judge_camera(reading, context.needs.camera_fps)


def judge_camera(reading: CameraReading, wanted_fps: int) -> CheckResult:
    """Too slow, too dark, covered or frozen is weak; a black picture fails. Pure."""
    good_fps = wanted_fps * GOOD_FPS_SHARE
    outcome = at_least(reading.fps, good_fps, wanted_fps * USABLE_FPS_SHARE)
    advice = Advice.CAMERA_SLOW
    if outcome is Outcome.FAILED:
        outcome = Outcome.WEAK  # a slow picture is still a picture
    if reading.brightness_share < DARK_SHARE:
        advice = Advice.CAMERA_DARK
        black = reading.brightness_share < BLACK_SHARE
        outcome = Outcome.FAILED if black else Outcome.WEAK
    elif reading.picture in ODD_PICTURES:
        outcome, advice = Outcome.WEAK, ODD_PICTURES[reading.picture]
    return result(
        CheckId.CAMERA,
        outcome,
        reading.fps,
        Unit.FPS,
        good_fps,
        advice=advice,
        noted=(
            ("size_px", f"{reading.width_px}x{reading.height_px}"),
            ("brightness_share", f"{reading.brightness_share:.2f}"),
            ("format", reading.format),
            ("demonstration", "yes" if reading.is_demonstration else "no"),
        ),
        is_required=True,
    )


class MicrophoneCheck:
    """How loud it is. Nobody passes without having been heard."""

    id = CheckId.MICROPHONE
    limit_s = 20.0
    is_required = True

    def run(self, context: CheckContext) -> CheckResult:
        """Listen for a few seconds."""
        if context.probes.microphone is None:
            return skipped(self.id)
        reading = context.probes.microphone.sample(SAMPLE_S)
        if isinstance(reading, Missing):
            forbidden = reading.reason == "FORBIDDEN"
            advice = Advice.MICROPHONE_FORBIDDEN if forbidden else Advice.MICROPHONE_NONE
            return failed(self.id, advice, is_required=True)
        return judge_sound(reading)


def judge_sound(reading: SoundReading) -> CheckResult:
    """Silence fails, quiet or clipped is weak. Pure."""
    outcome = at_least(reading.level_db, QUIET_DB, SILENT_DB)
    advice = Advice.MICROPHONE_SILENT
    if outcome is Outcome.PASSED and reading.peak_db > CLIPPED_DB:
        outcome, advice = Outcome.WEAK, Advice.MICROPHONE_LOUD
    return result(
        CheckId.MICROPHONE,
        outcome,
        reading.level_db,
        Unit.DB,
        QUIET_DB,
        advice=advice,
        noted=(
            ("peak_db", f"{reading.peak_db:.1f}"),
            ("demonstration", "yes" if reading.is_demonstration else "no"),
        ),
        is_required=True,
    )


class ScreenCheck:
    """Whether the screen can be recorded; a system that forbids it shows black."""

    id = CheckId.SCREEN
    limit_s = 20.0
    is_required = True

    def run(self, context: CheckContext) -> CheckResult:
        """Look at a few pictures."""
        if context.probes.screen is None:
            return skipped(self.id)
        reading = context.probes.screen.sample(SAMPLE_S)
        if isinstance(reading, Missing):
            return failed(self.id, Advice.SCREEN_NONE, is_required=True)
        return judge_screen(reading, context.needs.screen_fps)


def judge_screen(reading: ScreenReading, wanted_fps: int) -> CheckResult:
    """A black screen fails, a slow one is weak. Pure."""
    good_fps = wanted_fps * GOOD_FPS_SHARE
    outcome = Outcome.PASSED if reading.fps >= good_fps else Outcome.WEAK
    if reading.is_black or reading.fps < wanted_fps * USABLE_SCREEN_FPS_SHARE:
        outcome = Outcome.FAILED if reading.is_black else Outcome.WEAK
    return result(
        CheckId.SCREEN,
        outcome,
        reading.fps,
        Unit.FPS,
        good_fps,
        advice=Advice.SCREEN_BLACK if reading.is_black else Advice.PROCESSOR_SLOW,
        noted=(
            ("size_px", f"{reading.width_px}x{reading.height_px}"),
            ("demonstration", "yes" if reading.is_demonstration else "no"),
        ),
        is_required=True,
    )
