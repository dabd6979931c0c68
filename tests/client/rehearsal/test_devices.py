"""Which devices are real, which are stand-ins, and that these work together (issue 2)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.rigs.fixtures import MEDIA
from tests.rigs.v4l2_camera import State, V4l2Camera
from zhishiyun_client.ports.devices import (
    DEMO_CAMERA_VARIABLE,
    DEMO_MICROPHONE_VARIABLE,
    DEMO_SCREEN_VARIABLE,
)
from zhishiyun_client.rehearsal.camera_listing import cameras_of_linux
from zhishiyun_client.rehearsal.desktop import DesktopSize, VirtualDesktop
from zhishiyun_client.rehearsal.devices import DemonstrationDevices, Kind, Origin, Wish, plan
from zhishiyun_client.rehearsal.found import Found
from zhishiyun_client.rehearsal.inventory import Inventory, look
from zhishiyun_client.rehearsal.reasons import Reason
from zhishiyun_client.rehearsal.sound import MICROPHONE_NAME, VirtualMicrophone

NOTHING = Inventory(
    Found(False, Reason.NO_DISPLAY_NAMED),
    Found(False, Reason.NO_CAMERA),
    Found(False, Reason.NO_MICROPHONE),
)
EVERYTHING = Inventory(
    Found(True, Reason.SCREEN_FOUND, ("1920x1080",)),
    Found(True, Reason.CAMERA_FOUND, ("Integrated Camera",)),
    Found(True, Reason.MICROPHONE_FOUND, ("Built-in",)),
)


def test_a_machine_with_all_devices_needs_no_stand_in() -> None:
    decided = plan(EVERYTHING, system="linux")

    assert decided.demonstrations == decided.absent == ()


def test_a_machine_with_nothing_gets_three_stand_ins_on_linux() -> None:
    decided = plan(NOTHING, system="linux")

    assert decided.demonstrations == (Kind.SCREEN, Kind.CAMERA, Kind.MICROPHONE)
    assert decided.camera.reason is Reason.NO_CAMERA


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_elsewhere_the_film_is_a_stand_in_but_sound_is_honestly_absent(system: str) -> None:
    decided = plan(NOTHING, system=system)

    assert decided.demonstrations == (Kind.CAMERA,)
    assert decided.microphone.origin is Origin.ABSENT
    assert decided.microphone.reason is Reason.NO_STAND_IN


def test_who_wants_only_real_devices_gets_no_stand_in() -> None:
    decided = plan(NOTHING, Wish.REAL, "linux")

    assert decided.demonstrations == ()
    assert decided.absent == (Kind.SCREEN, Kind.CAMERA, Kind.MICROPHONE)


def test_who_wants_stand_ins_gets_them_beside_real_devices() -> None:
    decided = plan(EVERYTHING, Wish.DEMONSTRATION, "linux")

    assert decided.demonstrations == (Kind.SCREEN, Kind.CAMERA, Kind.MICROPHONE)
    assert {it.reason for it in decided.all} == {Reason.ASKED_FOR}


def test_without_portaudio_no_stand_in_could_be_heard() -> None:
    deaf = Inventory(NOTHING.screen, NOTHING.camera, Found(False, Reason.NO_PORTAUDIO))

    decided = plan(deaf, Wish.DEMONSTRATION, "linux")

    assert decided.microphone.origin is Origin.ABSENT
    assert decided.microphone.reason is Reason.NO_PORTAUDIO


def test_every_reason_is_told_in_both_languages_under_a_code_of_its_own() -> None:
    assert len({it.code for it in Reason}) == len(Reason)
    assert all(it.zh and it.en for it in Reason)


def test_looking_finds_a_display_and_a_microphone(
    virtual_desktop: VirtualDesktop, virtual_microphone: VirtualMicrophone
) -> None:
    there = {**os.environ, **virtual_desktop.environment, **virtual_microphone.environment}

    found = look(there)

    assert found.screen == Found(True, Reason.SCREEN_FOUND, ("1366x768",))
    assert found.microphone.is_usable
    assert MICROPHONE_NAME in found.microphone.names


@pytest.mark.skipif(sys.platform != "linux", reason="displays are named on Linux")
@pytest.mark.parametrize(
    ("named", "reason"),
    [
        ({}, Reason.NO_DISPLAY_NAMED),
        ({"WAYLAND_DISPLAY": "wayland-0"}, Reason.DISPLAY_NOT_FILMED),
        ({"DISPLAY": ":98765"}, Reason.DISPLAY_SILENT),
    ],
)
def test_a_display_that_is_missing_or_silent_is_told_apart(
    named: dict[str, str], reason: Reason
) -> None:
    displays = ("DISPLAY", "WAYLAND_DISPLAY")
    own = {key: value for key, value in os.environ.items() if key not in displays}

    assert look({**own, **named}).screen == Found(False, reason)


@pytest.mark.skipif(sys.platform != "linux", reason="device files are of Linux")
def test_a_camera_is_the_first_node_that_the_kernel_knows(tmp_path: Path) -> None:
    nodes, registered = tmp_path / "dev", tmp_path / "char"
    nodes.mkdir()
    for name in ("video0", "video1", "video2", "videoX"):
        (nodes / name).symlink_to(
            {"video0": "/dev/null", "video1": "/dev/zero"}.get(name, "/dev/full")
        )
    for number, index, name in (("1:3", "0", "Webcam"), ("1:5", "1", "Webcam metadata")):
        (registered / number).mkdir(parents=True)
        (registered / number / "index").write_text(index + "\n")
        (registered / number / "name").write_text(name + "\n")

    found = cameras_of_linux(nodes, registered)

    assert found == Found(True, Reason.CAMERA_FOUND, ("Webcam",))


@pytest.mark.skipif(sys.platform != "linux", reason="device files are of Linux")
def test_a_leftover_node_without_a_device_is_no_camera(tmp_path: Path) -> None:
    (tmp_path / "video0").symlink_to("/dev/null")

    assert cameras_of_linux(tmp_path, tmp_path / "char") == Found(False, Reason.NO_CAMERA)


_USE_ALL = """
import json, sys
import cv2, mss, sounddevice, numpy as np
camera = cv2.VideoCapture(sys.argv[1], cv2.CAP_FFMPEG)
is_read, picture = camera.read()
sound = sounddevice.rec(96000, samplerate=48000, channels=1, dtype="int16", device=sys.argv[2])
sounddevice.wait()
with mss.MSS() as screens:
    shot = screens.grab(screens.monitors[1])
print(json.dumps([is_read, picture.shape, int(np.abs(sound).max()), shot.size]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="all three stand-ins are of Linux")
def test_a_child_uses_all_three_and_nothing_is_left() -> None:
    before = {it.pid for it in psutil.Process().children(recursive=True)}
    decided = plan(NOTHING)

    with DemonstrationDevices(decided, MEDIA, DesktopSize(1366, 768)) as devices:
        started = [it for it in psutil.Process().children(recursive=True) if it.pid not in before]
        command = [sys.executable, "-c", _USE_ALL, devices.camera_address, devices.microphone_name]
        environment = {**os.environ, **devices.environment}
        used = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
        assert devices.fallen() == ()

    is_read, shape, peak, size = json.loads(used.stdout)
    assert (is_read, shape, size) == (True, [720, 1280, 3], [1366, 768])
    assert peak > 1000
    _gone, alive = psutil.wait_procs(started, timeout=5)
    assert alive == []


@pytest.mark.skipif(sys.platform != "linux", reason="all three stand-ins are of Linux")
def test_a_stand_in_that_dies_is_named() -> None:
    decided = plan(Inventory(EVERYTHING.screen, NOTHING.camera, EVERYTHING.microphone))

    before = {it.pid for it in psutil.Process().children()}
    with DemonstrationDevices(decided, MEDIA) as devices:
        (server,) = [it for it in psutil.Process().children() if it.pid not in before]
        server.kill()
        server.wait(5)

        assert devices.fallen() == (Kind.CAMERA,)
        assert devices.environment[DEMO_CAMERA_VARIABLE] == devices.camera_address
        assert not {DEMO_SCREEN_VARIABLE, DEMO_MICROPHONE_VARIABLE} & set(devices.environment)


_OPEN_AND_LOSE = """
import json, sys, cv2
camera = cv2.VideoCapture(0, cv2.CAP_V4L2)
print(json.dumps([camera.isOpened(), camera.getBackendName(), camera.read()[0]]), flush=True)
sys.stdin.readline()
print(json.dumps([camera.read()[0]]), flush=True)
"""


def test_the_rigs_camera_opens_as_a_real_one_and_can_be_unplugged(
    v4l2_camera: V4l2Camera,
) -> None:
    environment = {**os.environ, **v4l2_camera.environment}
    with subprocess.Popen(
        [sys.executable, "-c", _OPEN_AND_LOSE],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as watching:
        assert watching.stdin is not None
        assert watching.stdout is not None
        opened = json.loads(watching.stdout.readline())
        v4l2_camera.be(State.GONE)
        watching.stdin.write("go on\n")
        watching.stdin.flush()
        lost = json.loads(watching.stdout.readline())

    assert opened == [True, "V4L2", True]
    assert lost == [False]
    assert v4l2_camera.log.read_text().splitlines()[0].split()[1] == "0"
