"""The film through the same adapter as a camera: OpenCV (issue 2, demonstration devices)."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlparse

import cv2
import numpy as np
import psutil
import pytest

from tests.rigs.fixtures import MEDIA
from zhishiyun_client.face.eye import Eye
from zhishiyun_client.ports.preview import PreviewFrame
from zhishiyun_client.rehearsal.camera import DemonstrationCamera
from zhishiyun_client.rehearsal.film_server import STREAM_FPS, split
from zhishiyun_protocol.errors import Fixable

ROOT = Path(__file__).resolve().parents[3]
OUR_SHARE = 0.02  # of one core


@pytest.fixture(autouse=True)
def _opens_at_once(demo_camera: DemonstrationCamera, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in demo_camera.environment.items():
        monkeypatch.setenv(name, value)


def _open(camera: DemonstrationCamera) -> cv2.VideoCapture:
    reader = cv2.VideoCapture(camera.address, cv2.CAP_FFMPEG)
    assert reader.isOpened()
    return reader


def _frames_a_second(reader: cv2.VideoCapture, seconds: float) -> float:
    for _ in range(STREAM_FPS // 2):  # what had been buffered while it was opened
        reader.read()
    started_s, frames = time.monotonic(), 0
    while (passed_s := time.monotonic() - started_s) < seconds:
        frames += reader.read()[0]
    return frames / passed_s


@pytest.mark.alone
def test_opencv_reads_the_film_in_real_time(demo_camera: DemonstrationCamera) -> None:
    reader = _open(demo_camera)

    pace_fps = _frames_a_second(reader, 4.0)
    reader.release()

    assert pace_fps == pytest.approx(STREAM_FPS, rel=0.05)


def test_opening_takes_less_than_a_second(demo_camera: DemonstrationCamera) -> None:
    started_s = time.monotonic()

    reader = _open(demo_camera)
    is_read, _picture = reader.read()
    passed_s = time.monotonic() - started_s
    reader.release()

    assert is_read
    assert passed_s < 1.0


def test_a_face_of_a_webcams_size_stands_in_the_middle(
    demo_camera: DemonstrationCamera, eye: Eye
) -> None:
    reader = _open(demo_camera)
    _is_read, picture = reader.read()
    reader.release()

    glance = eye.glance(PreviewFrame(1, 1280, 720, picture.tobytes()))

    assert len(glance.faces) == 1
    box = glance.faces[0].box
    assert 160 <= box.right_px - box.left_px <= 260
    assert (box.left_px + box.right_px) / 2 == pytest.approx(640, abs=40)
    assert 200 <= (box.top_px + box.bottom_px) / 2 <= 400


def test_pictures_move_as_a_person_does(demo_camera: DemonstrationCamera) -> None:
    reader = _open(demo_camera)
    pictures = [reader.read()[1].astype(np.int16) for _ in range(STREAM_FPS)]
    reader.release()

    moved = [float(np.abs(a - b).mean()) for a, b in zip(pictures, pictures[2:], strict=False)]
    assert min(moved) > 0.05  # never frozen
    assert max(moved) < 6.0  # never a cut


@pytest.mark.alone
def test_two_readers_watch_the_same_film_at_full_pace(demo_camera: DemonstrationCamera) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", _READ_THREE_SECONDS, demo_camera.address],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    reader = _open(demo_camera)

    ours_fps = _frames_a_second(reader, 3.0)
    theirs_fps = float(other.communicate(timeout=30)[0])
    reader.release()

    assert ours_fps == pytest.approx(STREAM_FPS, rel=0.05)
    assert theirs_fps == pytest.approx(STREAM_FPS, rel=0.05)


_READ_THREE_SECONDS = """
import sys, time, cv2
reader = cv2.VideoCapture(sys.argv[1], cv2.CAP_FFMPEG)
for _ in range(15): reader.read()
started_s, frames = time.monotonic(), 0
while time.monotonic() - started_s < 3: frames += reader.read()[0]
print(frames / (time.monotonic() - started_s))
"""


def test_a_reader_may_leave_and_come_back(demo_camera: DemonstrationCamera) -> None:
    for _ in range(3):
        reader = _open(demo_camera)
        assert reader.read()[0]
        reader.release()

    assert demo_camera.is_up


@pytest.mark.alone
def test_a_reader_that_stops_reading_holds_nobody_up(demo_camera: DemonstrationCamera) -> None:
    with socket.create_connection(("127.0.0.1", _port(demo_camera))) as sleepy:
        sleepy.sendall(b"GET /film HTTP/1.0\r\n\r\n")
        reader = _open(demo_camera)

        pace_fps = _frames_a_second(reader, 2.0)
        reader.release()

    assert pace_fps == pytest.approx(STREAM_FPS, rel=0.05)


@pytest.mark.alone
def test_serving_costs_less_than_two_hundredths_of_a_core(
    demo_camera: DemonstrationCamera,
) -> None:
    server = psutil.Process(demo_camera.process_id)
    reader = _open(demo_camera)
    before, started_s = server.cpu_times(), time.monotonic()

    _frames_a_second(reader, 4.0)
    after, passed_s = server.cpu_times(), time.monotonic() - started_s
    reader.release()

    used_s = after.user + after.system - before.user - before.system
    print(f"the film costs {used_s / passed_s:.4f} of a core")
    assert used_s / passed_s < OUR_SHARE


def test_anything_but_the_film_is_not_found(demo_camera: DemonstrationCamera) -> None:
    with socket.create_connection(("127.0.0.1", _port(demo_camera))) as asking:
        asking.sendall(b"GET /etc/passwd HTTP/1.0\r\n\r\n")
        answer = asking.makefile("rb").read()

    assert answer.startswith(b"HTTP/1.0 404")


def test_stopping_is_pulling_the_plug() -> None:
    camera = DemonstrationCamera(MEDIA.film)
    with camera:
        reader = _open(camera)
        assert reader.read()[0]
        process = psutil.Process(camera.process_id)

        camera.stop()

        assert not process.is_running()
        while reader.read()[0]:  # what was still on its way
            continue
        reader.release()
        reopened = cv2.VideoCapture(camera.address, cv2.CAP_FFMPEG)
        assert not reopened.isOpened()


def test_the_server_ends_with_a_killed_parent(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", _RUN_UNTIL_KILLED, str(MEDIA.film)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    with parent:
        assert parent.stdout is not None
        server = psutil.Process(int(parent.stdout.readline()))
        parent.kill()

    _gone, alive = psutil.wait_procs([server], timeout=5)
    assert alive == []


_RUN_UNTIL_KILLED = """
import sys, time
from pathlib import Path
from zhishiyun_client.face.eye import Eye
from zhishiyun_client.ports.preview import PreviewFrame
from zhishiyun_client.rehearsal.camera import DemonstrationCamera
with DemonstrationCamera(Path(sys.argv[1])) as camera:
    print(camera.process_id, flush=True)
    time.sleep(60)
"""


def test_a_missing_film_is_told_in_both_languages(tmp_path: Path) -> None:
    with (
        pytest.raises(Fixable) as caught,
        DemonstrationCamera(tmp_path / "none.mjpg"),
    ):
        pytest.fail("entered without a film")

    assert caught.value.code == "REHEARSAL_FILM_MISSING"
    assert caught.value.zh


def test_the_film_is_cut_into_whole_pictures() -> None:
    frames = split(MEDIA.film.read_bytes())

    assert len(frames) >= 150  # ten seconds at 15 a second
    assert sum(map(len, frames)) == MEDIA.film.stat().st_size <= 3_000_000
    assert all(it.startswith(b"\xff\xd8\xff") and it.endswith(b"\xff\xd9") for it in frames)


def _port(camera: DemonstrationCamera) -> int:
    return int(urlparse(camera.address).port or 0)
