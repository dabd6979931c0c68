"""Devices as they are: pulled out, plugged in, taken, frozen, of one rate only (R110–R113, F15)."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.client.capture.recordings import wait_until
from tests.faults.stage import KEY, DeskStandIn, begin_message
from tests.rigs.fixtures import MEDIA
from tests.rigs.v4l2_camera import State, V4l2Camera
from zhishiyun_client.capture.cameras import FILM_NAME
from zhishiyun_client.ports.devices import (
    DEMO_CAMERA_VARIABLE,
    DEMO_MICROPHONE_VARIABLE,
    Picture,
)
from zhishiyun_client.ports.recorder import (
    Choose,
    DeviceBack,
    DeviceLost,
    Devices,
    ListDevices,
    SetPhase,
)
from zhishiyun_client.rehearsal.camera import DemonstrationCamera
from zhishiyun_client.rehearsal.desktop import VirtualDesktop
from zhishiyun_client.rehearsal.sound import MICROPHONE_NAME, VirtualMicrophone
from zhishiyun_protocol.evidence.chain import ChainFollower
from zhishiyun_protocol.evidence.layout import Kind, Track
from zhishiyun_protocol.evidence.sealing import Sealer

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


def test_a_frozen_picture_is_noticed_told_and_written_down(
    desk: DeskStandIn, v4l2_camera: V4l2Camera
) -> None:
    desk.prepare(camera="camera:0")
    desk.begin()
    desk.until("a good picture", lambda s: s.picture is Picture.GOOD)
    v4l2_camera.be(State.FREEZE)

    desk.until("frozen", lambda s: s.picture is Picture.FROZEN, within_s=15)
    v4l2_camera.be(State.OK)
    desk.until("alive again", lambda s: s.picture is Picture.GOOD, within_s=15)
    desk.record_for(1)
    proof = desk.finish()

    assert proof.is_whole
    found = [it for it in opened(desk, Kind.FINDING) if it["rule"] == "camera.frozen"]
    assert [it["ended_us"] is None for it in found] == [True, False]
    assert found[1]["ended_us"] - found[1]["started_us"] > 3_000_000


def test_the_next_camera_is_taken_when_the_chosen_one_is_pulled_out(
    demonstration: None,
    v4l2_camera: V4l2Camera,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in v4l2_camera.environment.items():
        monkeypatch.setenv(name, value)
    with DeskStandIn(tmp_path / "home") as desk:
        desk.prepare(camera="camera:0")
        desk.begin()
        desk.record_for(1)
        v4l2_camera.be(State.GONE)
        other = desk.until("the next", lambda s: s.camera.device_name == FILM_NAME)
        desk.until("it films", lambda s: s.camera.frames > other.camera.frames + 10)
        proof = desk.finish()

    (back,) = desk.told(DeviceBack)
    assert (back.track, back.name, back.other) == ("camera", FILM_NAME, True)
    assert proof.is_whole
    assert ("device_lost", (Track.CAMERA,)) in [(gap.cause, gap.tracks) for gap in proof.gaps]


def test_a_camera_that_is_plugged_in_is_listed_measured_and_found_again(
    sound_and_screen: None,
    camera_of_modes: Callable[[str], V4l2Camera],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Raw pictures too large for USB 2: smaller ones are taken, and the log says so."""
    camera = camera_of_modes("YUYV:1280x720:10,YUYV:640x480:30")
    for name, value in camera.environment.items():
        monkeypatch.setenv(name, value)
    camera.be(State.GONE)
    with DeskStandIn(tmp_path / "home") as desk:
        desk.say(ListDevices())
        wait_until("no camera is listed", lambda: cameras(desk) == ())
        camera.be(State.OK)
        wait_until("it is listed", lambda: len(cameras(desk)) == 1)
        chosen = cameras(desk)[0]
        desk.prepare(camera=chosen)
        desk.until("measured", lambda s: s.camera.format != "" and s.camera.fps > 20)
        desk.begin()
        desk.record_for(1)
        camera.be(State.GONE)
        desk.until("gone", lambda s: s.camera.cause in ("DEVICE_GONE", "NO_DEVICE"))
        camera.be(State.OK)
        desk.until("back", lambda s: s.camera.state == "ok" and s.camera.device_id == chosen)
        desk.record_for(1)
        proof = desk.finish()
        events = [it for it in opened(desk, Kind.DEVICE) if "video0" in it["name"]]

    assert proof.is_whole
    assert "@" in chosen  # a name and a place, no number
    assert [it["what"] for it in events] == ["chosen", "lost", "back"]
    assert events[0]["format"].startswith("YUYV 640x480")
    assert (events[2]["width_px"], events[2]["height_px"]) == (640, 480)


def cameras(desk: DeskStandIn) -> tuple[str, ...] | None:
    told = desk.told(Devices)
    return tuple(camera.id for camera in told[-1].cameras) if told else None


def opened(desk: DeskStandIn, kind: Kind) -> list[dict[str, Any]]:
    """What the log's sealed records of one kind say."""
    sealer = Sealer(KEY)
    records = ChainFollower().feed(desk.log.read_bytes())
    return [json.loads(sealer.open(it)) for it in records if it.header.kind == kind]


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


def test_a_microphone_of_another_rate_is_recorded_whole_and_a_new_one_is_listed(
    sound_and_screen: None,
    demonstration: None,
    one_rate_library: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = tmp_path / "asound.conf"
    settings.write_text(Path(os.environ["ALSA_CONFIG_PATH"]).read_text())
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(settings))
    monkeypatch.setenv("LD_PRELOAD", str(one_rate_library))
    monkeypatch.setenv("ONE_RATE_HZ", "44100")
    with DeskStandIn(tmp_path / "home") as desk:
        desk.prepare()
        desk.begin()
        desk.say(ListDevices())
        wait_until("listed", lambda: MICROPHONE_NAME in microphones(desk))
        another = settings.read_text().replace(f"pcm.{MICROPHONE_NAME}", "pcm.Headset")
        settings.write_text(settings.read_text() + another.partition("\n")[2])
        wait_until("the new one is listed", lambda: "Headset" in microphones(desk))
        desk.record_for(2)
        desk.say(Choose(microphone_id="Headset"))
        heard = desk.until("it is heard", lambda s: s.microphone.device_name == "Headset")
        desk.until("it is kept", lambda s: s.microphone.frames > heard.microphone.frames + 25)
        proof = desk.finish()
        sound = desk.content().played(Track.MICROPHONE)
        both = (MICROPHONE_NAME, "Headset")
        events = [it for it in opened(desk, Kind.DEVICE) if it["name"] in both]

    assert proof.is_whole
    assert [it["name"] for it in events] == [MICROPHONE_NAME, "Headset"]
    assert ["44100 Hz 1 ch" in it["format"] for it in events] == [True, True]
    gaps = {gap.cause for gap in proof.gaps if gap.tracks == (Track.MICROPHONE,)}
    assert "device_changed" in gaps
    assert "device_lost" not in gaps
    assert sound.frames > 25 * 3


def microphones(desk: DeskStandIn) -> tuple[str, ...]:
    told = desk.told(Devices)
    return tuple(microphone.id for microphone in told[-1].microphones) if told else ()


def test_a_sound_server_that_is_started_again_is_heard_again(
    virtual_desktop: VirtualDesktop,
    demo_camera: DemonstrationCamera,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    socket = tmp_path / "native"
    with VirtualMicrophone(MEDIA.voice) as first, VirtualMicrophone(MEDIA.voice) as second:
        for thing in (virtual_desktop, demo_camera, second):
            for name, value in thing.environment.items():
                monkeypatch.setenv(name, value)
        monkeypatch.setenv(DEMO_CAMERA_VARIABLE, demo_camera.address)
        monkeypatch.setenv("PULSE_SERVER", f"unix:{socket}")
        socket.symlink_to(first.environment["PULSE_SERVER"].removeprefix("unix:"))
        with DeskStandIn(tmp_path / "home") as desk:
            desk.prepare()
            desk.begin()
            desk.record_for(1)
            first.stop()
            lost = desk.until("the loss is told", lambda s: s.microphone.state == "lost")
            socket.unlink()
            socket.symlink_to(second.environment["PULSE_SERVER"].removeprefix("unix:"))
            desk.until("heard again", lambda s: s.microphone.frames > lost.microphone.frames + 25)
            proof = desk.finish()

    (back,) = desk.told(DeviceBack)
    assert (back.track, back.other) == ("microphone", False)
    assert proof.is_whole
    gaps = {gap.cause for gap in proof.gaps if gap.tracks == (Track.MICROPHONE,)}
    assert "device_lost" in gaps
    assert next(it for it in proof.coverage if it.track == "camera").missing == ()


def test_a_recorder_that_comes_back_goes_on_listing_until_the_page_is_left(
    desk: DeskStandIn,
) -> None:
    def lists() -> int:
        return sum(isinstance(one, Devices) for one in desk.heard)

    def kill() -> None:
        before = desk.until("a recorder", lambda s: s.state == "preview").recorder_pid
        os.kill(before, signal.SIGKILL)
        desk.until("another recorder", lambda s: s.recorder_pid != before)

    desk.until("a recorder", lambda s: s.state == "preview")
    desk.say(ListDevices())
    wait_until("a list", lambda: lists() > 0)

    heard = lists()
    kill()
    wait_until("a list of the new recorder", lambda: lists() > heard)

    desk.say(SetPhase(phase="waiting"))
    kill()
    heard, told = lists(), desk.statuses
    wait_until("statuses", lambda: desk.statuses > told + 4)
    assert lists() == heard
