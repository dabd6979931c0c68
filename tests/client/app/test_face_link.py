"""The face check in a process of its own: it looks, it dies, it hangs, and the desk goes on."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import psutil
import pytest

from tests.client.capture.recordings import wait_until
from tests.client.face.test_examiner import Listener
from zhishiyun_client.app.face_desk import ExaminerDesk
from zhishiyun_client.app.face_link import FaceLink
from zhishiyun_client.app.recorder_link import PreviewFinder
from zhishiyun_client.app.recorder_presence import reference_of
from zhishiyun_client.capture.preview_memory import PreviewMemory
from zhishiyun_client.face.pack import DEFAULT_PACK
from zhishiyun_client.ports.examining import KnownFace, told_line, told_of
from zhishiyun_client.ports.faces import (
    Box,
    Challenge,
    ExaminerReady,
    ExaminerUnavailable,
    FaceDecision,
    FaceHint,
    Hint,
    PackFacts,
    ReferenceFault,
    ReferenceRefused,
    ReferenceTaken,
    Verdict,
)
from zhishiyun_client.ports.recorder import ToRecorder, WatchFace
from zhishiyun_client.runtime.paths import resources
from zhishiyun_client.runtime.programs import client_command

WITHIN_S = 60.0
PORTRAIT = resources() / "rehearsal" / "portrait.jpg"
CHECK = client_command("face-check")

needs_pack = pytest.mark.skipif(
    not (resources() / "face" / DEFAULT_PACK).is_dir(),
    reason="the default face pack needs the network once: build/face_pack.py",
)


class Camera(threading.Thread):
    """Shows the portrait in the preview's memory, each picture with other noise."""

    def __init__(self) -> None:
        super().__init__()
        self.memory = PreviewMemory()
        self._over = threading.Event()
        self._picture = np.full((360, 640, 3), 96, np.uint8)
        self._picture[20:340, 200:440] = cv2.imread(str(PORTRAIT))

    def run(self) -> None:
        chance = np.random.default_rng(1)
        while not self._over.wait(1 / 15):
            noisy = self._picture + chance.normal(0, 3, self._picture.shape)
            self.memory.put(memoryview(np.clip(noisy, 0, 255).astype(np.uint8).tobytes()), 640, 360)

    def stop(self) -> None:
        self._over.set()
        self.join()
        self.memory.close()


@pytest.fixture
def camera() -> Iterator[Camera]:
    made = Camera()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def links() -> Iterator[list[FaceLink]]:
    """What a test starts; its processes must be gone at the end."""
    made: list[FaceLink] = []
    yield made
    assert all(link.stop(WITHIN_S) for link in made)
    assert checks_of_mine() == []


def checks_of_mine() -> list[psutil.Process]:
    found = []
    for one in psutil.Process().children():
        with contextlib.suppress(psutil.Error):  # gone, or just going
            if "face-check" in one.cmdline():
                found.append(one)
    return found


def start(
    links: list[FaceLink], listener: Listener, camera: Camera, command: Sequence[str] = CHECK
) -> FaceLink:
    link = FaceLink(command, lambda: camera.memory.name, listener.take)
    links.append(link)
    link.enrol(PORTRAIT.read_bytes())
    link.begin_try()
    link.start()
    return link


def the_check() -> psutil.Process:
    wait_until("the process", lambda: len(checks_of_mine()) == 1, WITHIN_S)
    return checks_of_mine()[0]


class Said:
    """Stands where the link to the recorder stands."""

    def __init__(self) -> None:
        self.messages: list[ToRecorder] = []

    def say(self, message: ToRecorder) -> None:
        self.messages.append(message)


@needs_pack
def test_a_login_is_decided_there_and_the_process_goes_with_the_face(camera: Camera) -> None:
    listener, said, finder = Listener(), Said(), PreviewFinder()
    finder.follow(camera.memory.name)
    desk = ExaminerDesk(finder, listener.take, said, presence_per_s=1.0)
    desk.look_for(PORTRAIT.read_bytes())

    wait_until("a decision", lambda: any_of(listener, FaceDecision), WITHIN_S)
    desk.watch_on()
    desk.stop()

    decision = listener.first(FaceDecision)
    assert decision.matched
    assert decision.pack_version == str(listener.first(ExaminerReady).pack)
    assert listener.first(ReferenceTaken)
    (message,) = said.messages
    assert isinstance(message, WatchFace)
    made = reference_of(message)
    assert made is not None
    assert float(np.linalg.norm(made.embedding)) == pytest.approx(1.0, abs=1e-5)
    wait_until("the end of the process", lambda: checks_of_mine() == [], WITHIN_S)


def test_the_picture_for_a_technician_is_a_jpeg(camera: Camera) -> None:
    finder = PreviewFinder()
    finder.follow(camera.memory.name)
    desk = ExaminerDesk(finder, Listener().take, Said())
    wait_until("a picture", lambda: finder.latest() is not None, WITHIN_S)

    photo = desk.live_photo()

    frame = finder.latest()
    assert frame is not None
    seen = cv2.imdecode(np.frombuffer(photo, np.uint8), cv2.IMREAD_COLOR)
    assert seen.shape == (frame.height_px, frame.width_px, 3)


def any_of(listener: Listener, kind: type) -> bool:
    return any(isinstance(one, kind) for one in listener.heard)


@needs_pack
def test_one_that_dies_is_started_again_and_the_try_begins_anew(
    links: list[FaceLink], camera: Camera
) -> None:
    listener = Listener()
    start(links, listener, camera)
    first = the_check()
    first.kill()
    wait_until("another one", lambda: first not in checks_of_mine(), WITHIN_S)

    wait_until("a decision", lambda: any_of(listener, FaceDecision), WITHIN_S)

    assert listener.first(FaceDecision).matched
    assert not any_of(listener, ExaminerUnavailable)


def test_one_that_dies_twice_is_the_technicians_case(links: list[FaceLink], camera: Camera) -> None:
    listener = Listener()
    link = start(links, listener, camera, [sys.executable, "-c", "raise SystemExit(1)"])

    wait_until("the end", lambda: not link.is_running, WITHIN_S)

    (told,) = listener.heard
    assert isinstance(told, ExaminerUnavailable)
    assert told.code == "FACE_CHECK_DIED"


def test_one_that_cannot_be_started_is_the_technicians_case(
    links: list[FaceLink], camera: Camera, tmp_path: Path
) -> None:
    listener = Listener()
    link = start(links, listener, camera, [str(tmp_path / "none")])

    wait_until("the end", lambda: not link.is_running, WITHIN_S)

    assert [type(one) for one in listener.heard] == [ExaminerUnavailable]


@pytest.mark.skipif(sys.platform == "win32", reason="stops a process by a signal")
def test_one_that_hangs_is_ended_though_a_large_photo_waits_for_it(
    links: list[FaceLink], camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zhishiyun_client.app.face_child.SILENT_US", 500_000)
    listener = Listener()
    link = FaceLink(
        [sys.executable, "-c", "import time; time.sleep(600)"],
        lambda: camera.memory.name,
        listener.take,
    )
    links.append(link)
    link.enrol(os.urandom(4_000_000))  # no pipe holds so much: whoever sends it waits
    link.start()

    wait_until("the end", lambda: not link.is_running, WITHIN_S)

    assert [type(one) for one in listener.heard] == [ExaminerUnavailable]


@pytest.mark.skipif(sys.platform == "win32", reason="the desk of the test is ended by a signal")
@needs_pack
def test_when_the_desk_dies_the_face_check_ends_by_itself() -> None:
    code = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen({CHECK!r}, stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    with psutil.Popen([sys.executable, "-c", code], stdout=-1, text=True) as desk:
        check = psutil.Process(int(desk.stdout.readline()))
        desk.send_signal(signal.SIGKILL)

    check.wait(WITHIN_S)

    assert not check.is_running()


TOLD = [
    ExaminerReady(PackFacts("opencv-zoo", "1.1.0", "ab" * 32)),
    ExaminerUnavailable("FACE_PACK_MISSING", "gone", "未安装"),
    ReferenceTaken(),
    ReferenceRefused(ReferenceFault.SEVERAL),
    FaceHint(7, Hint.TOO_DARK, Box(1.0, 2.0, 3.5, 4.0), 0.4, Challenge.TURN_LEFT),
    FaceHint(8, None, None, 0.0),
    FaceDecision(Verdict.MATCHED, 0.8, 5, "p/1/0", None, "turns/1:passed", ("blink/1=seen",), 0.7),
    KnownFace(b"\x00\x01\xff" * 4, PackFacts("p", "1", "0")),
]


@pytest.mark.parametrize("told", TOLD, ids=[type(one).__name__ for one in TOLD])
def test_what_is_told_arrives_as_it_was_said(told: object) -> None:
    assert told_of(told_line(told)) == told  # type: ignore[arg-type]


def test_a_face_says_nothing_when_printed() -> None:
    assert repr(TOLD[-1]) == "KnownFace(p/1/0)"
