"""The recorder's process with real parts: what it records, and what it says meanwhile."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path

import cv2
import numpy as np
import psutil
import pytest

from tests.client.capture.recordings import wait_until
from tests.faults.stage import ATTEMPT, DEVICE, KEY, DeskStandIn, begin_message
from zhishiyun_client.app.recorder_process import EXIT_ANOTHER
from zhishiyun_client.ports.recorder import (
    Choose,
    Devices,
    ListDevices,
    MarkNow,
    Note,
    SetPhase,
)
from zhishiyun_client.runtime.programs import client_command
from zhishiyun_protocol.evidence.chain import ChainFollower
from zhishiyun_protocol.evidence.layout import Kind, Track
from zhishiyun_protocol.evidence.sealing import Sealer
from zhishiyun_protocol.plan import Recording
from zhishiyun_protocol.signing import to_text

pytestmark = [
    pytest.mark.alone,
    pytest.mark.faults,
    pytest.mark.slow,
    pytest.mark.desktop,
]


def test_eight_seconds_are_whole_and_play(desk: DeskStandIn) -> None:
    """R150–R154: three tracks, no drop, every second covered, everything decodes."""
    desk.prepare()
    desk.begin()
    desk.say(SetPhase(phase="waiting"))
    desk.say(MarkNow(what="stage_begun", index=0))
    desk.record_for(8)
    before = desk.status
    proof = desk.finish()

    assert proof.is_whole, proof.faults
    assert [gap for gap in proof.gaps if gap.cause != "start"] == []
    for track in proof.coverage:
        assert track.seconds >= 8
        assert track.missing == (), track.track
    assert before is not None
    assert (before.camera.dropped, before.microphone.dropped) == (0, 0)
    content = desk.content()
    camera, sound = content.played(Track.CAMERA), content.played(Track.MICROPHONE)
    if {quality.rung for quality in content.qualities} == {"P"}:  # the machine was quick enough
        assert camera.frames >= 8 * 14
    assert camera.longest_step_s < 0.5
    assert sound.longest_step_s < 0.06
    assert sound.shortest_step_s > 0.02  # nothing from before the beginning is squeezed in
    assert content.played(Track.SCREEN).frames >= 8
    assert abs(camera.last_s - sound.last_s) < 0.5


def test_marks_and_findings_are_in_the_log_and_sealed(desk: DeskStandIn) -> None:
    desk.prepare()
    desk.begin()
    desk.say(MarkNow(what="shown", subject="paper-7"))
    desk.say(Note(finding={"rule": "process.chat"}))
    desk.record_for(1)
    desk.finish()

    data = desk.log.read_bytes()
    sealed = {
        Kind(record.header.kind): Sealer(KEY).open(record)
        for record in ChainFollower().feed(data)
        if record.header.kind in (Kind.MARK, Kind.FINDING)
    }
    assert b"paper-7" in sealed[Kind.MARK]
    assert b"process.chat" in sealed[Kind.FINDING]
    assert b"paper-7" not in data


def test_a_finding_that_is_told_has_one_frame_of_the_screen(desk: DeskStandIn) -> None:  # R178
    desk.prepare()
    desk.begin()
    desk.record_for(2)
    desk.say(Note(finding={"rule": "process.chat", "severity": "warning", "ended_us": None}))
    desk.say(Note(finding={"rule": "power.battery", "severity": "notice", "ended_us": None}))
    desk.record_for(1)
    desk.finish()

    found = [
        json.loads(Sealer(KEY).open(record))
        for record in ChainFollower().feed(desk.log.read_bytes())
        if record.header.kind == Kind.FINDING
    ]
    told = next(each for each in found if each["rule"] == "process.chat")
    kept = next(each for each in found if each["rule"] == "power.battery")
    picture = cv2.imdecode(
        np.frombuffer(base64.b64decode(told["frame"]["jpeg"]), np.uint8), cv2.IMREAD_COLOR
    )
    assert picture.shape[:2] == (told["frame"]["height_px"], told["frame"]["width_px"])
    assert told["frame"]["at_us"] > 0
    assert "frame" not in kept


def test_no_key_lies_in_the_clear(desk: DeskStandIn) -> None:
    desk.prepare()
    desk.begin()

    assert desk.status is not None
    words = psutil.Process(desk.status.recorder_pid).cmdline()
    secrets = (to_text(KEY), to_text(DEVICE.private_bytes()))
    open_files = [path for path in desk.home.iterdir() if path.is_file()]
    open_files += list((desk.home / "logs").iterdir())
    for secret in secrets:
        assert secret not in " ".join(words)
        assert [path for path in open_files if secret.encode() in path.read_bytes()] == []


def test_the_preview_is_seen_before_anything_is_recorded(desk: DeskStandIn) -> None:
    desk.prepare()
    wait_until("a picture", lambda: desk.finder.latest() is not None)
    first = desk.finder.latest()
    assert first is not None
    wait_until(
        "the next picture",
        lambda: (frame := desk.finder.latest()) is not None and frame.sequence > first.sequence,
    )

    assert (first.width_px, first.height_px) == (640, 360)
    assert len(first.bgr) == 640 * 360 * 3
    assert len(set(bytes(first.bgr[:3000]))) > 1
    assert not desk.log.exists()


def test_devices_have_names_and_stand_ins_are_called_so(desk: DeskStandIn) -> None:
    """R110."""
    desk.say(ListDevices())
    wait_until(
        "both lists",
        lambda: any(told.cameras and told.microphones for told in desk.told(Devices)),
    )

    told = desk.told(Devices)[-1]
    assert [camera.demonstration for camera in told.cameras] == [True]
    assert [it.name for it in told.microphones if it.demonstration] == ["DemonstrationMicrophone"]


def test_a_second_recorder_of_the_same_home_ends_at_once(desk: DeskStandIn) -> None:
    desk.prepare()

    second = subprocess.run(client_command("recorder", "--home", str(desk.home)), timeout=30)

    assert second.returncode == EXIT_ANOTHER
    seen = desk.statuses
    wait_until("the first goes on", lambda: desk.statuses > seen)


def test_saying_begin_twice_changes_nothing(desk: DeskStandIn) -> None:
    desk.prepare()
    desk.begin()
    desk.say(begin_message())
    desk.record_for(1)

    assert desk.finish().runs == 1


def test_without_gpl_encoders_everything_is_whole_and_plays_too(desk: DeskStandIn) -> None:
    desk.prepare()
    desk.begin(Recording(gpl_encoders=False))
    desk.until("pictures", lambda s: s.camera.frames > 20 and s.screen.frames > 2)
    proof = desk.finish()
    content = desk.content()

    assert proof.is_whole, proof.faults
    streams = {track: streams[0][0] for (_, track), streams in content.streams.items()}
    assert {stream.encoder for stream in streams.values()} == {"libsvtav1", "libopus"}
    assert streams[Track.CAMERA].container == "ivf"
    assert "no GPL encoders wanted" in streams[Track.CAMERA].why
    assert content.played(Track.CAMERA).frames > 20
    assert content.played(Track.SCREEN).frames > 2


def test_without_a_camera_the_other_tracks_are_recorded(
    sound_and_screen: None, tmp_path: Path
) -> None:
    """F15: the camera's absence is explicit from the first second on."""
    with DeskStandIn(tmp_path / "home") as desk:
        desk.say(Choose(camera_id="camera:0", microphone_id=""))
        desk.say(begin_message())
        status = desk.until("sound", lambda s: s.microphone.frames > 50)
        desk.record_for(2)
        proof = desk.finish()

    assert status.camera.state == "absent"
    assert status.attempt_id == ATTEMPT
    assert proof.is_whole
    camera = [gap for gap in proof.gaps if gap.tracks == (Track.CAMERA,)]
    assert {gap.cause for gap in camera} == {"device_absent"}
    assert camera[0].from_us == 0
