"""试录 with a real recorder, a real microphone and a real speaker: one hears oneself (R110)."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.faults.stage import DeskStandIn
from tests.helpers.waits import wait_until
from zhishiyun_client.capture.encoders import SOUND_HZ
from zhishiyun_client.ports.recorder import (
    TRIAL_S,
    Choose,
    Devices,
    ListDevices,
    PlayTrial,
    RecordTrial,
    SetPhase,
    Trial,
    TrialState,
)

pytestmark = [pytest.mark.alone, pytest.mark.faults, pytest.mark.slow, pytest.mark.desktop]

WITHIN_S = 30
FIRST = (TrialState.RECORDING, TrialState.PLAYING, TrialState.READY)
ALIKE = 0.5  # two strangers' speech stays below 0.1


def _states(desk: DeskStandIn) -> list[TrialState]:
    return [said.state for said in desk.told(Trial)]


def _wait(desk: DeskStandIn, *states: TrialState) -> None:
    wait_until(lambda: _states(desk) == list(states), WITHIN_S, f"{states}, not {_states(desk)}")


@contextmanager
def _recorded(device: str, path: Path) -> Iterator[None]:
    """What a device of the sound server gives meanwhile, as 48 kHz mono."""
    words = ["--raw", "--format=s16le", f"--rate={SOUND_HZ}", "--channels=1", "--latency-msec=30"]
    with path.open("wb") as file:
        listener = subprocess.Popen(["parec", *words, f"--device={device}"], stdout=file)
        try:
            yield
        finally:
            listener.terminate()
            listener.wait()


def _sound(path: Path) -> NDArray[np.float64]:
    return np.fromfile(path, "<i2").astype(np.float64)


def _likeness(said: NDArray[np.float64], heard: NDArray[np.float64]) -> float:
    """The best normalised correlation over all shifts."""
    size = len(said) + len(heard)
    crossed = np.fft.irfft(np.fft.rfft(said, size) * np.conj(np.fft.rfft(heard, size)), size)
    return float(np.max(np.abs(crossed)) / (np.linalg.norm(heard) * np.linalg.norm(said)))


def test_six_seconds_are_heard_again_and_the_recording_goes_on(
    desk: DeskStandIn, tmp_path: Path
) -> None:
    desk.prepare()
    desk.begin()
    said, heard = tmp_path / "said.pcm", tmp_path / "heard.pcm"
    desk.say(SetPhase(phase="device_confirmation"))
    files = sorted(path.name for path in desk.home.rglob("*"))

    with _recorded("speaker.monitor", heard):
        with _recorded("voice", said):
            desk.say(RecordTrial())
            _wait(desk, *FIRST[:2])
        _wait(desk, *FIRST)
        time.sleep(0.3)
    desk.say(PlayTrial())
    _wait(desk, *FIRST, TrialState.PLAYING, TrialState.READY)
    desk.say(SetPhase(phase="waiting"))
    desk.say(PlayTrial())
    wait_until(lambda: _states(desk)[-1] is TrialState.NONE, WITHIN_S)
    proof = desk.finish()

    assert _likeness(_sound(said), _sound(heard)) > ALIKE
    assert sorted(path.name for path in desk.home.rglob("*")) == files
    assert proof.is_whole
    assert proof.gaps == ()


def test_another_microphone_begins_with_nothing(desk: DeskStandIn) -> None:
    desk.prepare()
    desk.say(SetPhase(phase="device_confirmation"))
    desk.say(ListDevices())
    wait_until(lambda: bool(desk.told(Devices)), WITHIN_S)
    another = desk.told(Devices)[-1].microphones[-1]
    desk.say(RecordTrial())
    _wait(desk, *FIRST[:1])
    desk.say(Choose(microphone_id=another.id))
    time.sleep(TRIAL_S + 1)
    desk.say(PlayTrial())

    _wait(desk, *FIRST[:1], TrialState.NONE)


def test_a_page_that_is_left_leaves_nothing_behind(desk: DeskStandIn) -> None:
    desk.prepare()
    desk.say(SetPhase(phase="device_confirmation"))
    desk.say(RecordTrial())
    _wait(desk, *FIRST[:1])
    desk.say(SetPhase(phase="waiting"))
    time.sleep(TRIAL_S + 1)
    desk.say(PlayTrial())

    _wait(desk, *FIRST[:1], TrialState.NONE)
