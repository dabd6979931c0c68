"""试录: six seconds and no more, played by another process, forgotten when told (R110)."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

import numpy as np
import pytest

from tests.helpers.waits import wait_until
from zhishiyun_client.capture import sound_trial
from zhishiyun_client.capture.encoders import SOUND_HZ
from zhishiyun_client.capture.sound_trial import (
    TRIAL_BYTES,
    SoundTrial,
    TrialHeard,
    TrialPlayed,
    TrialPlayer,
)
from zhishiyun_client.ports.recorder import TRIAL_S

SECOND = np.arange(SOUND_HZ, dtype=np.int16)


def _program(code: str) -> Sequence[str]:
    return [sys.executable, "-c", code]


def _played_by(code: str, sound: bytes = b"\0" * TRIAL_BYTES) -> TrialPlayed:
    reports: list[object] = []
    player = TrialPlayer(sound, reports.append, lambda: _program(code))
    player.start()
    wait_until(lambda: reports, 30)
    assert player.wait(5)
    (said,) = reports
    assert isinstance(said, TrialPlayed)
    return said


def test_six_seconds_are_taken_and_told_once() -> None:
    reports: list[object] = []
    trial = SoundTrial(reports.append)
    trial.hear(SECOND)  # nobody has asked yet

    trial.begin()
    for _ in range(TRIAL_S - 1):
        trial.hear(SECOND)
    assert (reports, trial.sound()) == ([], b"")
    for _ in range(3):
        trial.hear(SECOND)

    assert reports == [TrialHeard()]
    assert trial.sound() == SECOND.tobytes() * TRIAL_S


def test_what_was_said_before_is_gone_when_it_begins_anew() -> None:
    trial = SoundTrial(print)
    trial.begin()
    trial.hear(SECOND)
    trial.begin()
    for _ in range(TRIAL_S):
        trial.hear(-SECOND)

    assert trial.sound() == (-SECOND).tobytes() * TRIAL_S


def test_nothing_is_kept_when_the_page_is_left() -> None:
    trial = SoundTrial(print)
    trial.begin()
    for _ in range(TRIAL_S):
        trial.hear(SECOND)
    trial.forget()
    trial.hear(SECOND)

    assert trial.sound() == b""


def test_the_player_gets_every_byte() -> None:
    counts = f"import sys; sys.exit(len(sys.stdin.buffer.read()) != {TRIAL_BYTES})"

    assert not _played_by(counts).failed
    assert _played_by(counts, b"\0" * 5).failed


@pytest.mark.parametrize(
    "code", ["import sys; sys.exit(5)", "import os; os.abort()"], ids=["refused", "died"]
)
def test_a_player_that_cannot_is_told(code: str) -> None:
    assert _played_by(code).failed


def test_a_player_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound_trial, "PLAYS_WITHIN_S", 0.5)

    assert _played_by("import time; time.sleep(60)").failed


def test_a_page_that_is_left_does_not_wait_for_the_player() -> None:
    player = TrialPlayer(b"", lambda _: None, lambda: _program("import time; time.sleep(60)"))
    player.start()
    time.sleep(0.3)

    assert player.stop(2)
