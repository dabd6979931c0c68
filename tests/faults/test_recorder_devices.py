"""A camera that is pulled out, held by another program, frozen or stalled (R110–R113, F15)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client.capture.recordings import wait_until
from tests.faults.stage import DeskStandIn, begin_message
from tests.rigs.fixtures import MEDIA
from tests.rigs.v4l2_camera import State, V4l2Camera
from zhishiyun_client.ports.devices import (
    DEMO_CAMERA_VARIABLE,
    DEMO_MICROPHONE_VARIABLE,
    Picture,
)
from zhishiyun_client.ports.recorder import Choose, DeviceBack, DeviceLost
from zhishiyun_client.rehearsal.camera import DemonstrationCamera
from zhishiyun_client.rehearsal.desktop import VirtualDesktop
from zhishiyun_client.rehearsal.sound import MICROPHONE_NAME, VirtualMicrophone
from zhishiyun_protocol.evidence.layout import Track

pytestmark = [
    pytest.mark.alone,
    pytest.mark.faults,
    pytest.mark.slow,
    pytest.mark.desktop,
]


@pytest.fixture
def desk(
    sound_and_screen: None,
    v4l2_camera: V4l2Camera,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[DeskStandIn]:
    for name, value in v4l2_camera.environment.items():
        monkeypatch.setenv(name, value)
    with DeskStandIn(tmp_path / "home") as stand_in:
        yield stand_in


@pytest.mark.parametrize("fault", [State.GONE, State.STALL])
def test_the_other_tracks_go_on_and_the_gap_says_why(
    desk: DeskStandIn, v4l2_camera: V4l2Camera, fault: State
) -> None:
    desk.prepare(camera="camera:0")
    desk.begin()
    desk.record_for(1)
    v4l2_camera.be(fault)
    lost = desk.until("the loss is told", lambda s: s.camera.state == "lost")
    sound_before = lost.microphone.frames
    desk.record_for(1)
    v4l2_camera.be(State.OK)
    back = desk.until("it is back", lambda s: s.camera.state == "ok")
    desk.record_for(1)
    proof = desk.finish()

    assert back.microphone.frames > sound_before + 20
    assert [it.track for it in desk.told(DeviceLost)] == ["camera"]
    assert [it.track for it in desk.told(DeviceBack)] == ["camera"]
    assert proof.is_whole
    gaps = [gap for gap in proof.gaps if gap.cause == "device_lost"]
    assert {gap.tracks for gap in gaps} == {(Track.CAMERA,)}
    sound = next(track for track in proof.coverage if track.track == "microphone")
    assert sound.missing == ()
    assert desk.content().played(Track.CAMERA).frames > 20


def test_a_busy_camera_is_taken_as_soon_as_it_is_free(
    desk: DeskStandIn, v4l2_camera: V4l2Camera
) -> None:
    v4l2_camera.be(State.BUSY)
    desk.say(Choose(camera_id="camera:0", microphone_id=""))
    desk.say(begin_message())
    status = desk.until("told", lambda s: s.camera.state == "absent" and s.microphone.frames > 20)
    v4l2_camera.be(State.OK)
    desk.until("filming", lambda s: s.camera.frames > 10)
    proof = desk.finish()

    assert status.camera.cause in ("DEVICE_BUSY", "DEVICE_GONE")
    assert proof.is_whole
    assert ("device_absent", (Track.CAMERA,)) in [(gap.cause, gap.tracks) for gap in proof.gaps]


def test_a_frozen_picture_is_noticed_and_told(desk: DeskStandIn, v4l2_camera: V4l2Camera) -> None:
    desk.prepare(camera="camera:0")
    desk.until("a good picture", lambda s: s.picture is Picture.GOOD)
    v4l2_camera.be(State.FREEZE)

    desk.until("frozen", lambda s: s.picture is Picture.FROZEN, within_s=10)
    v4l2_camera.be(State.OK)
    desk.until("alive again", lambda s: s.picture is Picture.GOOD, within_s=10)


def test_the_camera_is_let_go_when_the_exam_is_over(
    desk: DeskStandIn, v4l2_camera: V4l2Camera
) -> None:
    desk.prepare(camera="camera:0")
    desk.begin()
    desk.record_for(0.5)
    desk.finish()

    lines = v4l2_camera.log.read_text().count("\n")
    wait_until("statuses go on", lambda seen=desk.statuses: desk.statuses > seen + 3)
    after = v4l2_camera.log.read_text().count("\n")
    assert after - lines < 30


def test_a_microphone_that_falls_silent_costs_the_pictures_nothing(
    virtual_desktop: VirtualDesktop,
    demo_camera: DemonstrationCamera,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """R111: the sound server dies in the middle of an answer."""
    with VirtualMicrophone(MEDIA.voice) as microphone:
        for thing in (virtual_desktop, demo_camera, microphone):
            for name, value in thing.environment.items():
                monkeypatch.setenv(name, value)
        monkeypatch.setenv(DEMO_CAMERA_VARIABLE, demo_camera.address)
        monkeypatch.setenv(DEMO_MICROPHONE_VARIABLE, MICROPHONE_NAME)
        with DeskStandIn(tmp_path / "home") as desk:
            desk.prepare()
            desk.begin()
            desk.record_for(1)
            microphone.__exit__(None, None, None)
            lost = desk.until("the loss is told", lambda s: s.microphone.state == "lost")
            desk.until("pictures go on", lambda s: s.camera.frames > lost.camera.frames + 20)
            proof = desk.finish()

    assert [it.track for it in desk.told(DeviceLost)] == ["microphone"]
    assert proof.is_whole
    gaps = [gap for gap in proof.gaps if gap.cause == "device_lost"]
    assert {gap.tracks for gap in gaps} == {(Track.MICROPHONE,)}
    camera = next(track for track in proof.coverage if track.track == "camera")
    assert camera.missing == ()
