"""The picture a camera gives: asked, measured, made smaller where it comes too slowly (R110)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.rigs.v4l2_camera import V4l2Camera
from zhishiyun_client.capture.camera_device import as_bgr
from zhishiyun_client.capture.camera_formats import FormatSearch, Given, RateMeter, Wish

FAST, SLOW = 30.0, 9.9


def search() -> FormatSearch:
    return FormatSearch(1280, 720, 15)


def test_a_camera_that_is_fast_enough_is_taken_as_it_is() -> None:
    looking = search()

    assert looking.wish == Wish("MJPG", 1280, 720)
    assert looking.learn(Given("MJPG", 1280, 720, FAST))
    assert looking.wish == Wish("MJPG", 1280, 720)
    assert "MJPG 1280x720 30.0 fps" in looking.why


def test_raw_pictures_that_come_too_slowly_are_made_smaller_and_the_log_says_why() -> None:
    looking = search()

    assert not looking.learn(Given("YUYV", 1280, 720, SLOW))
    assert looking.wish == Wish("YUYV", 640, 480)
    assert looking.learn(Given("YUYV", 640, 480, FAST))
    assert looking.wish == Wish("YUYV", 640, 480)
    assert looking.why.startswith("YUYV 640x480 30.0 fps; asked 1280x720; YUYV 1280x720 9.9 fps")


def test_a_dim_room_slows_every_size_and_the_large_one_stays() -> None:
    looking = search()
    looking.learn(Given("MJPG", 1280, 720, 7.5))

    assert looking.learn(Given("MJPG", 640, 480, 7.5))
    assert looking.wish == Wish("MJPG", 1280, 720)
    assert "light" in looking.why


def test_a_camera_with_one_size_is_asked_twice_only() -> None:
    looking = search()
    looking.learn(Given("YUYV", 1280, 720, SLOW))

    assert looking.learn(Given("YUYV", 1280, 720, 0.0))
    assert looking.wish == Wish("MJPG", 1280, 720)


def test_where_no_size_is_fast_enough_the_fastest_is_kept() -> None:
    looking = search()
    for size, fps in (((1280, 720), 2.0), ((640, 480), 5.0), ((640, 360), 8.0), ((320, 240), 11)):
        settled = looking.learn(Given("YUYV", *size, fps))

    assert settled
    assert looking.wish.area_px <= 640 * 360
    assert "the fastest it has" in looking.why


def test_a_camera_that_breaks_at_a_smaller_size_keeps_the_one_it_gave() -> None:
    looking = search()
    looking.learn(Given("YUYV", 1280, 720, SLOW))

    looking.give_up()

    assert looking.wish == Wish("MJPG", 1280, 720)
    assert "no smaller picture" in looking.why


def test_the_rate_is_that_of_the_last_two_seconds() -> None:
    rate = RateMeter()
    for number in range(100):
        rate.tick(number * 33_333)
    assert rate.fps == pytest.approx(30, abs=0.5)

    for number in range(30):
        rate.tick(3_300_000 + number * 100_000)
    assert rate.fps == pytest.approx(10, abs=0.5)


@pytest.mark.parametrize(
    "picture",
    [
        np.full((4, 6), 100, np.uint8),
        np.full((4, 6, 1), 100, np.uint8),
        np.full((4, 6, 3), 100, np.uint8),
        np.full((4, 6, 4), 100, np.uint8),
        np.full((4, 6), 1000, np.uint16),
    ],
)
def test_grey_and_deep_pictures_become_what_the_recorder_takes(picture: np.ndarray) -> None:
    made = as_bgr(picture)

    assert (made.shape, made.dtype) == ((4, 6, 3), np.uint8)
    assert made.min() == made.max() > 0


PROBE = """
import json, sys, time
import zhishiyun_client.capture.camera_device as camera_device
from zhishiyun_client.capture.camera_device import OpenCamera
from zhishiyun_client.capture.camera_formats import KnownFormats
from zhishiyun_client.ports.devices import Device
known, device = KnownFormats(), Device(id="camera:0", name="camera")
if "waits" in sys.argv:
    camera_device.WAITS_IN_RETRIEVE = frozenset({camera_device.backend()})
camera = OpenCamera(device, 1280, 720, known)
deadline = time.monotonic() + 20
while not camera.format and time.monotonic() < deadline:
    camera.grab()
picture = camera.retrieve()
camera.close()
again = OpenCamera(device, 1280, 720, known)
shape = picture.whole().shape
kind = type(picture).__name__
print(json.dumps([camera.format, shape, again.format, [again.width_px, again.height_px], kind]))
again.close()
"""


def settled(camera: V4l2Camera, *how: str) -> tuple[str, list[int]]:
    """What a process of its own settles on; a second opening must begin there."""
    answer = subprocess.run(
        [sys.executable, "-c", PROBE, *how],
        env={**os.environ, **camera.environment},
        capture_output=True,
        timeout=60,
        check=True,
        cwd=Path(__file__).resolve().parents[3],
    )
    chosen, shape, again, size, kind = json.loads(answer.stdout)
    assert (again, size) == (chosen, [shape[1], shape[0]])
    is_jpeg = chosen.startswith("MJPG") and "waits" not in how
    assert kind == ("JpegPicture" if is_jpeg else "PixelPicture")
    return chosen, size


@pytest.mark.alone
@pytest.mark.slow
@pytest.mark.parametrize(
    ("modes", "format_begins", "size"),
    [
        ("YUYV:1280x720:10,YUYV:640x480:30,YUYV:320x240:30", "YUYV 640x480", [640, 480]),
        ("GREY:1184x656:25", "GREY 1184x656", [1184, 656]),
        ("YUYV:1280x720:8,MJPG:1280x720:30,YUYV:640x480:30", "MJPG 1280x720", [1280, 720]),
    ],
)
def test_a_real_capture_settles_on_what_a_camera_can_do(
    modes: str, format_begins: str, size: list[int], camera_of_modes: Callable[[str], V4l2Camera]
) -> None:
    chosen, given = settled(camera_of_modes(modes))

    assert chosen.startswith(format_begins)
    assert given == size


@pytest.mark.alone
@pytest.mark.slow
def test_where_only_retrieve_waits_the_rate_is_still_the_cameras(
    camera_of_modes: Callable[[str], V4l2Camera],
) -> None:
    """DirectShow's way, on the camera at hand: whoever counted `grab` would count thousands."""
    chosen, _size = settled(camera_of_modes("MJPG:1280x720:30"), "waits")

    assert chosen.startswith("MJPG 1280x720")
    assert 20 <= float(chosen.split()[2]) <= 40
