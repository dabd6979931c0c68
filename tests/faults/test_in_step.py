"""Sound, camera and screen lie together in the exported files: flash and beep (issue 3, R156)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rigs.beacon.in_step import InStep, in_step
from tests.rigs.beacon.scene import BeaconScene
from tests.rigs.beacon.sitting import ServedDesk, admit, exam_in, export

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.desktop]
SECONDS = 15
SCREEN_FRAME_MS = 100


def test_a_sound_card_that_is_off_stays_in_step_with_the_pictures(
    beacon_scene: BeaconScene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The crystal is 100 millionths fast; ten minutes of it: docs/measured/in-step.md."""
    for name, value in beacon_scene.environment.items():
        monkeypatch.setenv(name, value)
    with exam_in(tmp_path) as (exam, server):
        admission = admit(exam, server.url)
        with ServedDesk(tmp_path / "candidate", admission) as desk:
            desk.record()
            desk.record_for(SECONDS)
            proof = desk.hand_in()
        recording = export(exam, admission.begin.attempt_id, tmp_path / "export")
    found = in_step(recording)
    print(found)

    assert proof.is_whole, proof.faults
    assert found.sound_camera.count >= SECONDS - 2
    _is_in_step(found)
    assert found.stretches == 1  # not a sample is missing between first and last


def _is_in_step(found: InStep) -> None:
    assert abs(found.sound_camera.mean_ms) <= 15
    assert found.sound_camera.sd_ms <= 10
    assert abs(found.sound_truth.drift_ms) * SECONDS / 600 <= 10
    assert abs(found.samples_off_ms) <= 15
    assert found.camera_truth.sd_ms <= 5  # the driver's stamps, however busy the machine is
    assert 0 <= found.screen_flash.mean_ms <= SCREEN_FRAME_MS
