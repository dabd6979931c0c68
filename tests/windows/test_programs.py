"""Programs on Windows: renamed ones, closing by their windows, who is in front (R171, R172)."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.windows.conftest import until
from zhishiyun_client.guard.catalogue import Catalogue, load_catalogue, read_list
from zhishiyun_client.guard.processes import ProcessWatch
from zhishiyun_client.guard.systems.here import ask_here, identify_here
from zhishiyun_client.guard.systems.windows import Windows
from zhishiyun_client.guard.systems.windows_overlays import WindowsOverlays
from zhishiyun_client.ports.watching import Closing, Matched, Unseen
from zhishiyun_protocol.plan import Guarding

pytestmark = pytest.mark.windows
LIST = Path(__file__).parents[2] / "resources" / "guard" / "list.toml"
NAMING_PYTHON = """
format = 1
version = "1"
interpreters = []
nameless = {id = "nameless", zh = "无名", en = "Nameless", category = "ai_assistant"}
front = {input_methods = [], security = [], system = []}
[[program]]
id = "forbidden"
zh = "禁用程序"
en = "Forbidden"
category = "chat"
originals = ["python.exe"]
"""
SLEEPING = "import time; print('shown', flush=True); time.sleep(120)"
WINDOW = """
import sys
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
application = QApplication([])
flags = Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint | Qt.WindowType.Tool
glass = flags | Qt.WindowType.WindowTransparentForInput | Qt.WindowType.WindowDoesNotAcceptFocus
window = QWidget(None, glass) if "glass" in sys.argv else QWidget()
window.setWindowTitle("an exam's neighbour")
window.resize(200, 100)
if "glass" in sys.argv:
    window.setWindowOpacity(0.6)
window.show()
print("shown", flush=True)
application.exec()
"""


def rules() -> Catalogue:
    return load_catalogue(LIST, sys.platform)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[object]:
    """Start Python under another file name with this code; it says when it is up."""
    started: list[subprocess.Popen[str]] = []

    def begin(name: str, code: str, *words: str) -> subprocess.Popen[str]:
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        shutil.copy(sys.executable, program)
        process = subprocess.Popen(
            [str(program), "-c", code, *words],
            stdout=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "PYTHONHOME": sys.base_prefix,
                "PATH": f"{sys.base_prefix};{os.environ['PATH']}",
                "QT_QPA_PLATFORM": "windows",
            },
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "shown"
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait(10)
        assert process.stdout is not None
        process.stdout.close()


def test_a_renamed_program_is_known_by_the_name_its_maker_gave_it(start) -> None:
    catalogue = Catalogue(read_list(NAMING_PYTHON.encode()), hashlib.sha256().hexdigest(), "win32")
    watch = ProcessWatch(catalogue, Guarding(), ask_here(), identify=identify_here())
    child = start("homework.exe", SLEEPING)

    (hit,) = watch.running()  # this very Python is one of its processes

    assert hit.matched is Matched.ORIGINAL
    assert child.pid in {pid for pid, _ in hit.processes}


def test_a_listed_program_is_asked_by_its_window_and_goes(start) -> None:
    watch = ProcessWatch(rules(), Guarding(), ask_here(), identify=identify_here())
    child = start("WeChat.exe", WINDOW)
    (hit,) = [hit for hit in watch.running() if hit.product == "wechat"]
    assert until(lambda: child.pid in windows_of(Windows()))

    assert watch.ask_to_close(hit) is Closing.ASKED

    child.wait(15)
    assert watch.ask_to_close(hit) is Closing.GONE


def windows_of(eyes: Windows) -> frozenset[int]:
    pids = eyes.pids_with_windows()
    assert not isinstance(pids, Unseen)
    return pids


def test_a_program_without_a_window_is_not_killed_and_says_so(start) -> None:
    watch = ProcessWatch(rules(), Guarding(), ask_here(), identify=identify_here())
    child = start("QQ.exe", SLEEPING)
    (hit,) = [hit for hit in watch.running() if hit.product == "qq"]

    assert watch.ask_to_close(hit) is Closing.NO_WINDOW
    assert psutil.pid_exists(child.pid)


def test_who_is_in_front_is_named_by_its_program_not_its_title(start) -> None:
    child = start("Telegram.exe", WINDOW)
    eyes = Windows()

    assert until(lambda: getattr(eyes.front(), "pid", 0) == child.pid)

    front = eyes.front()
    assert front.program == "Telegram.exe"
    assert not front.is_ours
    assert front.title == ""
    assert Windows(titles=True).front().title == "an exam's neighbour"


def test_a_pane_of_glass_over_the_exam_is_seen(start) -> None:
    child = start("notes.exe", WINDOW, "glass")
    eyes = WindowsOverlays()

    assert until(lambda: any(w.pid == child.pid for w in seen(eyes)))

    (glass,) = {w for w in seen(eyes) if w.pid == child.pid}
    assert glass.signs >= {"topmost", "layered", "click_through"}
    assert not glass.is_hidden


def seen(eyes: WindowsOverlays):
    windows = eyes.foreign_windows()
    assert not isinstance(windows, Unseen)
    return windows
