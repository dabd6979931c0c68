"""The recorder dies at any moment: little is lost, the gap is explicit, the log verifies (F20)."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import msgspec
import psutil
import pytest

from tests.client.capture.recordings import wait_until
from tests.faults.stage import ATTEMPT, DeskStandIn
from tests.rigs.beacon.losses import Losses, complaints, unexplained
from tests.rigs.beacon.scene import BeaconScene
from tests.rigs.beacon.sitting import ServedDesk, admit, exam_in, export
from zhishiyun_client.app.recorder_address import connect, read_address
from zhishiyun_client.ports.recorder import Hello, Recovered, encode
from zhishiyun_protocol.evidence.chain import ChainFollower
from zhishiyun_protocol.evidence.contents import Cause, Run
from zhishiyun_protocol.evidence.layout import Kind

pytestmark = [
    pytest.mark.alone,
    pytest.mark.faults,
    pytest.mark.slow,
    pytest.mark.desktop,
]
KILLS = 3
LOST_AT_MOST_MS = 250  # issue 3: the worst of a campaign


def test_a_kill_costs_a_quarter_of_a_second_and_the_gap_is_told(
    beacon_scene: BeaconScene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Camera, microphone and screen show the time: what was shown against the exported files."""
    for name, value in beacon_scene.environment.items():
        monkeypatch.setenv(name, value)
    killed_s = []
    with exam_in(tmp_path) as (exam, server):
        admission = admit(exam, server.url)
        with ServedDesk(tmp_path / "candidate", admission) as desk:
            desk.record()
            for _ in range(KILLS):
                desk.record_for(1.3)
                killed_s.append(desk.kill_recorder() / 1e6)
            desk.record_for(1)
            proof = desk.hand_in()
        recording = export(exam, admission.begin.attempt_id, tmp_path / "export")
    losses = Losses()
    losses.add(recording, killed_s)
    print(losses.told())

    assert proof.is_whole, proof.faults
    assert proof.runs == KILLS + 1
    assert [it.run for it in desk.told(Recovered)] == list(range(2, KILLS + 2))
    explicit = [gap for gap in proof.gaps if gap.cause == Cause.RECORDER_KILLED]
    assert {track for gap in explicit for track in gap.tracks} == {1, 2, 3}
    assert unexplained(recording) == []
    assert complaints(tmp_path / "export" / admission.begin.attempt_id) == []
    for track in ("camera", "microphone"):
        assert len(losses.lost[track]) == KILLS
        assert max(losses.lost[track]) <= LOST_AT_MOST_MS


def test_a_recorder_that_was_asked_to_end_goes_on_as_stopped(desk: DeskStandIn) -> None:
    desk.prepare()
    desk.begin()
    desk.record_for(1)
    assert desk.status is not None
    before = desk.status.recorder_pid
    os.kill(before, signal.SIGTERM)
    desk.until("another", lambda s: s.recorder_pid != before and s.camera.frames > 5)
    proof = desk.finish()

    runs = [
        msgspec.json.decode(record.payload, type=Run)
        for record in ChainFollower().feed(desk.log.read_bytes())
        if record.header.kind == Kind.RUN
    ]
    assert [run.cause for run in runs] == [Cause.START, Cause.STOPPED]
    assert proof.is_whole


def test_without_a_desk_the_recorder_goes_on_and_a_new_desk_finds_it(
    demonstration: None, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    with DeskStandIn(home) as first:
        first.prepare()
        first.begin()
        assert first.status is not None
        pid = first.status.recorder_pid
        first._link.stop(3)  # the desk is gone without a word
        time_line_s = first.status.timeline_s
        with DeskStandIn(home) as second:
            status = second.until("the same recording", lambda s: s.timeline_s > time_line_s + 1)
            assert status.recorder_pid == pid
            assert status.attempt_id == ATTEMPT
            proof = second.finish()

    assert proof.is_whole
    assert proof.runs == 1
    assert all(track.missing == () for track in proof.coverage)


def test_a_desk_that_died_while_recording_is_started_again(
    demonstration: None, tmp_path: Path
) -> None:
    """Design §2: each watches the other."""
    home, mark = tmp_path / "home", tmp_path / "desk-was-started"
    dead = _a_dead_process()
    restart = (sys.executable, "-c", f"open({str(mark)!r}, 'w').close()")
    with DeskStandIn(home) as desk:
        desk.prepare()
        desk.begin()
        desk._link.stop(3)
        address = read_address(home)
        assert address is not None
        with connect(address) as connection:
            connection.send_bytes(encode(Hello(desk_pid=dead, restart=restart)))
            assert connection.poll(5)
            assert connection.recv_bytes()

        wait_until("the desk's command was run", mark.exists)
        desk.pids.add(address.recorder_pid)


def _a_dead_process() -> int:
    with psutil.Popen([sys.executable, "-c", ""]) as process:
        process.wait(10)
    wait_until("it is gone", lambda: not psutil.pid_exists(process.pid))
    return int(process.pid)


def test_the_clock_of_the_test_is_the_recorders() -> None:
    """The losses above compare instants of two processes: one machine, one monotonic clock."""
    assert abs(time.monotonic_ns() - time.clock_gettime_ns(time.CLOCK_MONOTONIC)) < 50_000_000
