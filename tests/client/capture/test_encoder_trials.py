"""Encoders are tried in a process of their own, once, and chosen by what that showed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from tests.client.capture.recordings import wait_until
from zhishiyun_client.capture.encoder_choice import EncoderShelf, Tried, can_exist
from zhishiyun_client.capture.encoder_trial import try_encoder
from zhishiyun_client.capture.encoder_trials import FILE, UNFINISHED, EncoderTrials, Trials
from zhishiyun_client.capture.encoders import (
    AV1_CAMERA,
    AV1_SCREEN,
    CAMERA_ENCODERS,
    HARDWARE,
    SCREEN_ENCODERS,
    X264_CAMERA,
    PictureEncoder,
    PictureFormat,
)
from zhishiyun_client.ports.encoding import NO_GPL_VARIABLE
from zhishiyun_protocol.plan import Recording

SMALL = PictureFormat(320, 180, 15)
PLAN = Recording()
ANYWHERE = [replace(row, systems=(), needs="") for row in HARDWARE]
FIRST, SECOND = ANYWHERE[:2]
ROWS = (FIRST, SECOND, X264_CAMERA, AV1_CAMERA)


def tried_in(
    home: Path, code: str, *rows: PictureEncoder, deadline_s: float = 20.0
) -> EncoderShelf:
    """Let a child that runs `code` be the trial of each row, to the end."""

    def command(_row: PictureEncoder) -> Sequence[str]:
        return [sys.executable, "-c", code]

    shelf = EncoderShelf()
    trials = EncoderTrials(
        home, shelf, bool, print, rows=rows, command=command, after_s=0, deadline_s=deadline_s
    )
    trials.start()
    wait_until("all tried", lambda: not trials.is_running, 60)
    assert trials.stop(5)
    return shelf


@pytest.mark.parametrize("row", [X264_CAMERA, AV1_CAMERA], ids=lambda row: row.name)
def test_an_encoder_that_works_shows_it_in_a_trial(row: PictureEncoder) -> None:
    tried = try_encoder(row, replace(SMALL, fps=5))  # slow enough for the busiest machine

    assert tried.works, tried.why
    assert "ms a picture" in tried.why


def test_one_that_holds_pictures_back_does_not_work() -> None:
    patient = replace(X264_CAMERA, options={"preset": "superfast", "crf": "33"})

    assert try_encoder(patient, SMALL) == Tried(False, "holds pictures back")


def test_one_that_is_not_in_this_build_says_so() -> None:
    tried = try_encoder(replace(FIRST, name="h264_of_the_future"), SMALL)

    assert not tried.works
    assert "h264_of_the_future" in tried.why


def test_one_that_cannot_keep_up_does_not_work() -> None:
    tried = try_encoder(X264_CAMERA, PictureFormat(1920, 1080, 120))

    assert not tried.works
    assert "ms a picture" in tried.why


def test_the_program_of_the_trial_is_run_and_its_answer_kept(tmp_path: Path) -> None:
    shelf = EncoderShelf()
    trials = EncoderTrials(tmp_path, shelf, bool, print, rows=[X264_CAMERA], after_s=0)
    trials.start()
    wait_until("tried", lambda: not trials.is_running, 60)

    kept = msgspec.json.decode((tmp_path / FILE).read_bytes(), type=Trials)
    assert kept.seen["libx264"][0] is not None
    assert "ms a picture" in kept.seen["libx264"][1]


def test_a_crash_and_a_hang_cost_the_trial_only(tmp_path: Path) -> None:
    crash = tried_in(tmp_path, "import os; os.kill(os.getpid(), 11)", FIRST)
    hang = tried_in(tmp_path, "while True: pass", SECOND, deadline_s=0.5)

    assert f"{FIRST.name}: ended with code" in crash.choose(ROWS, PLAN).why
    assert f"{SECOND.name}: hung for 0.5 s" in hang.choose(ROWS, PLAN).why
    assert hang.choose(ROWS, PLAN).encoder is X264_CAMERA


def test_what_took_the_machine_down_is_not_tried_twice(tmp_path: Path) -> None:
    found = tried_in(tmp_path, 'print(\'{"works": true, "why": ""}\')', FIRST)
    kept = msgspec.json.decode((tmp_path / FILE).read_bytes(), type=Trials)
    died = msgspec.structs.replace(kept, seen={FIRST.name: (None, "")})
    (tmp_path / FILE).write_bytes(msgspec.json.encode(died))
    after = tried_in(tmp_path, "raise SystemExit('tried again')", FIRST)
    updated = msgspec.structs.replace(died, version="0.0.0")
    (tmp_path / FILE).write_bytes(msgspec.json.encode(updated))
    again = tried_in(tmp_path, 'print(\'{"works": true, "why": ""}\')', FIRST)

    assert found.choose(ROWS, PLAN).encoder is FIRST
    assert f"{FIRST.name}: {UNFINISHED}" in after.choose(ROWS, PLAN).why
    assert again.choose(ROWS, PLAN).encoder is FIRST


def test_nothing_is_tried_while_a_recording_runs(tmp_path: Path) -> None:
    asked: list[int] = []

    def is_recording() -> bool:
        asked.append(1)
        return True

    trials = EncoderTrials(tmp_path, EncoderShelf(), is_recording, print, rows=ROWS[:2], after_s=0)
    trials.start()
    wait_until("it asked", lambda: bool(asked))

    assert trials.stop(5)
    assert not (tmp_path / FILE).exists()


def test_hardware_comes_first_once_it_has_worked_and_the_reason_is_told() -> None:
    shelf = EncoderShelf()
    before = shelf.choose(ROWS, PLAN)
    shelf.know(FIRST.name, Tried(False, "hung for 15 s"))
    shelf.know(SECOND.name, Tried(True, "2.0 ms a picture in the trial"))
    after = shelf.choose(ROWS, PLAN)

    assert before.encoder is X264_CAMERA
    assert f"{FIRST.name}: not tried yet" in before.why
    assert after.encoder is SECOND
    assert after.why == (f"hardware; 2.0 ms a picture in the trial; {FIRST.name}: hung for 15 s")


def test_one_switch_leaves_gpl_out_by_plan_and_by_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = EncoderShelf()
    by_plan = Recording(gpl_encoders=False)
    assert shelf.choose(CAMERA_ENCODERS, by_plan).encoder is AV1_CAMERA
    assert shelf.choose(SCREEN_ENCODERS, by_plan).encoder is AV1_SCREEN
    monkeypatch.setenv(NO_GPL_VARIABLE, "1")

    assert shelf.choose(CAMERA_ENCODERS, PLAN).encoder is AV1_CAMERA
    assert "no GPL encoders wanted" in shelf.choose(SCREEN_ENCODERS, PLAN).why
    assert not any(row.is_gpl for row in (AV1_CAMERA, AV1_SCREEN, *HARDWARE))


def test_when_everything_failed_the_last_row_is_tried_all_the_same() -> None:
    shelf = EncoderShelf({row.name: Tried(False, "broken") for row in ROWS})

    choice = shelf.choose(ROWS, PLAN)
    assert choice.encoder is AV1_CAMERA
    assert "the last there is" in choice.why


def test_only_what_the_system_can_have_is_looked_at() -> None:
    here = [row for row in HARDWARE if can_exist(row)]

    assert all(not row.systems or sys.platform in row.systems for row in here)
    assert not can_exist(replace(FIRST, needs="no-such-device-*")) or sys.platform == "win32"
