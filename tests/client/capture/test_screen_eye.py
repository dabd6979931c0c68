"""The screen is looked at in place, and our copy of it follows by rows."""

from __future__ import annotations

import base64
import shutil
import subprocess
import sys
from collections.abc import Iterator

import cv2
import mss
import numpy as np
import pytest

from tests.client.capture.recordings import wait_until
from zhishiyun_client.capture.changes import Planes
from zhishiyun_client.capture.screen_changes import ScreenChanges
from zhishiyun_client.capture.screen_eye import ScreenEye
from zhishiyun_client.capture.still import NewestScreen
from zhishiyun_client.rehearsal.desktop import DesktopSize, VirtualDesktop

WITHIN_S = 60.0
NOISE = """
import os
from PySide6.QtCore import QTimer
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QApplication, QLabel
application = QApplication([])
page = QLabel()
page.setPixmap(QPixmap.fromImage(QImage(os.urandom(400 * 300 * 4), 400, 300, QImage.Format_RGB32)))
page.show()
application.exec()
"""

TYPES = """
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QPlainTextEdit
application = QApplication([])
page = QPlainTextEdit()
page.showMaximized()
timer = QTimer(page)
timer.timeout.connect(lambda: page.insertPlainText("a b\\n" * 2))
timer.start(20)
application.exec()
"""


@pytest.fixture
def noise(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A desktop with a window whose picture nobody can guess."""
    if sys.platform != "linux" or shutil.which("Xvfb") is None:
        pytest.skip("needs Xvfb")
    with VirtualDesktop(DesktopSize(1280, 720)) as desktop:
        for name, value in desktop.environment.items():
            monkeypatch.setenv(name, value)
        with subprocess.Popen([sys.executable, "-c", NOISE]) as window:
            yield
            window.terminate()


def test_what_is_read_in_place_is_what_mss_copies(noise: None) -> None:
    eye = ScreenEye()
    wait_until("a window", lambda: float(eye.grab()[..., :3].std()) > 20, WITHIN_S)

    with mss.MSS() as other:
        copied = np.frombuffer(other.grab(eye.area).raw, np.uint8).reshape(720, 1280, 4)
        seen = eye.grab()
        assert np.array_equal(seen, copied)
    assert eye.is_shared
    assert not seen.flags.owndata

    del seen
    eye.close()


def test_where_something_is_drawn_is_told_and_a_still_desktop_tells_nothing(noise: None) -> None:
    eye = ScreenEye()
    wait_until("a window", lambda: float(eye.grab()[..., :3].std()) > 20, WITHIN_S)
    assert eye.is_told
    told: list[tuple[int, int]] = []

    def is_drawn() -> bool:
        rows = eye.drawn()
        if rows is not None:
            told.append(rows)
        return rows is not None

    wait_until("rest", lambda: not is_drawn(), WITHIN_S)
    told.clear()
    with subprocess.Popen([sys.executable, "-c", NOISE]) as another:
        try:
            wait_until("a change", is_drawn, WITHIN_S)
        finally:
            another.terminate()

    assert all(0 <= top < bottom <= 720 for top, bottom in told)
    eye.close()


@pytest.mark.slow
def test_what_changes_is_told_before_it_is_grabbed_or_by_the_next_look(noise: None) -> None:
    eye, changes = ScreenEye(), ScreenChanges()
    changes.look(eye.grab())
    changes.take(eye.grab(), (0, 720))
    changed = 0
    with subprocess.Popen([sys.executable, "-c", TYPES]) as typist:

        def looks() -> bool:
            nonlocal changed
            eye.drawn()
            picture = eye.grab()
            rows = changes.look(picture)
            if rows is not None:
                changed += 1
                eye.saw(rows)
                changes.take(picture, rows)
            return changed > 40

        try:
            wait_until("changes", looks, WITHIN_S)
        finally:
            typist.terminate()

    assert eye.is_told
    eye.close()


def test_who_once_told_nothing_of_a_change_is_not_asked_again(noise: None) -> None:
    eye = ScreenEye()
    eye.grab()
    wait_until("rest", lambda: eye.drawn() is None, WITHIN_S)

    eye.saw((0, 68))

    assert eye.drawn() == (0, 720)
    assert not eye.is_told
    assert eye.drawn() == (0, 720)
    eye.close()


def test_a_still_shows_what_the_encoder_got_last() -> None:
    newest, planes = NewestScreen(), Planes(640, 360)
    assert newest.still() is None
    screen = np.full((360, 640, 4), 40, np.uint8)
    planes.convert(screen, cv2.COLOR_BGRA2YUV_I420, None)
    newest.take(planes, 1)

    screen[204:272] = 250
    planes.convert(screen, cv2.COLOR_BGRA2YUV_I420, (204, 272))
    newest.take(planes, 2)

    still = newest.still()
    assert still is not None
    jpeg = np.frombuffer(base64.b64decode(str(still["jpeg"])), np.uint8)
    shown = cv2.imdecode(jpeg, cv2.IMREAD_COLOR)
    assert still["at_us"] == 2
    assert shown.shape == (still["height_px"], still["width_px"], 3)
    assert abs(int(shown[230, 300, 0]) - 250) < 8
    assert abs(int(shown[20, 300, 0]) - 40) < 8
    newest.forget()
    assert newest.still() is None
