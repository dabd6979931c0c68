"""试录 on 设备确认: what the candidate reads while it is recorded and played (R110)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.client.flow.driver import Drive, Driver, status
from tests.helpers.paper_room import PaperRoom
from zhishiyun_client.domain.phases import Phase
from zhishiyun_client.flow import intents, trial_clip
from zhishiyun_client.flow.views import ClipState
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import text
from zhishiyun_client.ports.recorder import (
    PlayTrial,
    RecorderState,
    RecordTrial,
    Trial,
    TrialState,
)


class Clock:
    """Time by hand."""

    def __init__(self) -> None:
        self.now_us = 1_000_000

    def on(self, seconds: float) -> None:
        self.now_us += round(seconds * 1_000_000)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(trial_clip, "monotonic_us", lambda: made.now_us)
    return made


@pytest.fixture
def way(drive: Drive, tmp_path: Path) -> Driver:
    made = drive(PaperRoom(tmp_path, "a", at_s=-500), Phase.DEVICE_CONFIRMATION)
    made.hear(status(RecorderState.RECORDING))
    return made


def _said(way: Driver, kind: type) -> int:
    return len(way.paper.recorder.all(kind))


def test_it_is_recorded_played_and_played_again(way: Driver, clock: Clock) -> None:
    assert way.page.clip is ClipState.EMPTY
    way.take(intents.PlayClip())  # there is nothing yet
    way.take(intents.RecordClip(), intents.RecordClip())  # pressed twice
    way.hear(Trial(state=TrialState.RECORDING))
    clock.on(2.5)
    assert (way.page.clip, way.page.clip_left_s) == (ClipState.RECORDING, 4)
    way.hear(Trial(state=TrialState.PLAYING))
    assert way.page.clip is ClipState.PLAYING
    way.hear(Trial(state=TrialState.READY))
    assert way.page.clip is ClipState.READY
    way.take(intents.PlayClip())

    assert way.page.clip is ClipState.PLAYING
    assert (_said(way, RecordTrial), _said(way, PlayTrial)) == (1, 1)


def test_where_nothing_plays_the_candidate_reads_that_recording_is_not_affected(
    way: Driver, clock: Clock
) -> None:
    way.take(intents.RecordClip())
    way.hear(Trial(state=TrialState.FAILED))

    assert way.page.clip_problem == text(T.DEVICE_CONFIRMATION_CLIP_FAILED)
    assert way.page.proceed_off is None
    way.take(intents.PlayClip())  # perhaps headphones are plugged in now
    assert way.page.clip_problem is None


def test_another_microphone_is_tried_anew(way: Driver, clock: Clock) -> None:
    way.take(intents.RecordClip())
    way.hear(Trial(state=TrialState.READY))
    way.take(intents.ChooseMicrophone("other"))

    assert way.page.clip is ClipState.EMPTY


def test_a_recorder_that_never_answers_leaves_no_dead_button(way: Driver, clock: Clock) -> None:
    way.take(intents.RecordClip())
    clock.on(trial_clip.GIVES_UP_S + 1)
    assert way.page.clip is ClipState.EMPTY
    way.take(intents.RecordClip())

    assert _said(way, RecordTrial) == 2
