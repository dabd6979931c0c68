"""What a heartbeat says of the guard: everything that stands, since when by the exam's clock."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from zhishiyun_client.app.heartbeats import Heartbeats
from zhishiyun_client.capture.studio import Studio
from zhishiyun_client.ports.recorder import StandingFinding
from zhishiyun_client.runtime.clock import ExamClock
from zhishiyun_protocol.clock import ServerClock
from zhishiyun_protocol.messages.live import OpenFinding

SECOND_US = 1_000_000
CHAT = StandingFinding(
    rule="process.chat", subject="wechat", name="微信", started_us=40 * SECOND_US, blocks=True
)


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    made = Studio(tmp_path, print)
    yield made
    made.close()


def test_a_finding_is_dated_by_the_exams_clock_however_fast_it_runs(studio: Studio) -> None:
    clock = ExamClock()
    clock.learn(ServerClock(at_us=50 * SECOND_US, server_us=9_000_300_000, error_us=5, speed=30.0))
    beats = Heartbeats(studio, clock)
    beats.findings = (CHAT,)

    (told,) = beats.compose().findings

    assert told == OpenFinding(
        rule="process.chat",
        subject="wechat",
        name="微信",
        since_us=(9_000 - 10 * 30) * SECOND_US,
        blocks=True,
    )


def test_while_the_exams_clock_is_unknown_no_time_is_made_up(studio: Studio) -> None:
    beats = Heartbeats(studio, ExamClock())
    beats.findings = (CHAT,)

    assert [finding.since_us for finding in beats.compose().findings] == [0]


def test_before_anything_is_recorded_findings_are_told_and_nothing_else(studio: Studio) -> None:
    beats = Heartbeats(studio, ExamClock())
    beats.findings = (CHAT,)
    beats.troubles = frozenset({"DISK_LOW"})

    said = beats.compose()

    assert (len(said.findings), said.notes, said.thumbnail) == (1, (), "")
