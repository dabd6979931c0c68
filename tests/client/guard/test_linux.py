"""Displays and focus on real X servers (R033, R107, R171)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from zhishiyun_client.guard import displays
from zhishiyun_client.guard.catalogue import Catalogue
from zhishiyun_client.guard.focus import FocusNames
from zhishiyun_client.guard.systems.linux import X11, connection_of, display_facts
from zhishiyun_client.guard.systems.x11_replies import Rect
from zhishiyun_client.ports.watching import (
    Cause,
    Connection,
    DisplayFact,
    FrontFact,
    Severity,
    Unseen,
)

from .conftest import until
from .xserver import xorg, xrandr, xvfb

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11 only")

WINDOW = """
import sys
from PySide6.QtGui import QGuiApplication, QWindow
app = QGuiApplication(sys.argv)
window = QWindow()
window.setTitle("secret title")
window.resize(300, 200)
window.show()
window.requestActivate()
app.exec()
"""


@pytest.fixture(scope="module")
def one_display() -> Iterator[str]:
    with xvfb() as display:
        yield display


@pytest.fixture(scope="module")
def many_outputs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with xorg(tmp_path_factory.mktemp("xorg")) as display:
        yield display


@pytest.fixture
def eyes(one_display: str) -> Iterator[X11]:
    eyes = X11(one_display)
    yield eyes
    eyes.close()


def active(seen: tuple[DisplayFact, ...] | Unseen) -> list[DisplayFact]:
    assert not isinstance(seen, Unseen)
    return [display for display in seen if display.is_active]


def test_one_display_is_one_and_passes(eyes: X11):
    seen = eyes.displays()

    (display,) = active(seen)
    assert (display.width_px, display.height_px) == (1366, 768)
    assert displays.judge(seen) == ()


def test_one_display_divided_in_two_is_still_one(eyes: X11, one_display: str):
    xrandr(one_display, "--setmonitor", "LEFT", "683/180x768/200+0+0", "none")
    xrandr(one_display, "--setmonitor", "RIGHT", "683/180x768/200+683+0", "none")
    try:
        assert displays.judge(eyes.displays()) == ()
    finally:
        xrandr(one_display, "--delmonitor", "LEFT")
        xrandr(one_display, "--delmonitor", "RIGHT")


def test_a_monitor_beside_the_display_is_a_second_one(eyes: X11, one_display: str):
    xrandr(one_display, "--setmonitor", "TABLET", "800/200x600/150+1366+0", "none")
    try:
        (sight,) = displays.judge(eyes.displays())
    finally:
        xrandr(one_display, "--delmonitor", "TABLET")

    assert (sight.rule, sight.severity) == ("display.extra", Severity.BLOCKS_ENTRY)
    assert dict(sight.facts)["outputs"] == "TABLET,screen"
    assert displays.judge(eyes.displays()) == ()


def test_a_display_is_seen_when_plugged_mirrored_and_pulled(many_outputs: str):
    eyes = X11(many_outputs)
    try:
        assert len(active(eyes.displays())) == 1
        xrandr(many_outputs, "--addmode", "DUMMY1", "1366x768")

        xrandr(many_outputs, "--output", "DUMMY1", "--mode", "1366x768", "--right-of", "DUMMY0")
        (beside,) = displays.judge(eyes.displays())
        xrandr(many_outputs, "--output", "DUMMY1", "--same-as", "DUMMY0")
        (mirrored,) = displays.judge(eyes.displays())
        xrandr(many_outputs, "--output", "DUMMY1", "--off")

        assert dict(beside.facts)["mirrored"] == "no"
        assert dict(mirrored.facts)["mirrored"] == "yes"
        assert {beside.severity, mirrored.severity} == {Severity.BLOCKS_ENTRY}
        assert len(active(eyes.displays())) == 1
        assert displays.judge(eyes.displays()) == ()
    finally:
        eyes.close()


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("eDP-1", Connection.INTERNAL),
        ("LVDS1", Connection.INTERNAL),
        ("HDMI-A-1", Connection.EXTERNAL),
        ("DP-3-1", Connection.EXTERNAL),
        ("DVI-D-0", Connection.EXTERNAL),
        ("Virtual-1", Connection.VIRTUAL),
        ("XWAYLAND0", Connection.UNKNOWN),
        ("screen", Connection.UNKNOWN),
    ],
)
def test_connectors_are_known_by_their_names(output: str, expected: Connection):
    assert connection_of(output) is expected


def test_an_unplugged_connector_is_no_display():
    facts = display_facts({"HDMI-1": (False, None), "eDP-1": (True, Rect(0, 0, 1, 1))}, ())

    assert [fact.output for fact in facts] == ["eDP-1"]


def test_without_an_x_server_nothing_is_claimed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert X11().displays() == Unseen("NO_X11")
    assert X11(":64999").front() == Unseen("NO_X11")

    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert X11().pids_with_windows() == Unseen("WAYLAND")


def test_a_server_that_goes_away_does_not_take_the_program_with_it():
    with xvfb() as display:
        eyes = X11(display)
        assert len(active(eyes.displays())) == 1

    assert eyes.displays() == Unseen("NO_X11")
    assert eyes.front() == Unseen("NO_X11")


def test_a_window_that_vanished_is_nobody(eyes: X11, one_display: str):
    assert eyes.front() is None
    assert eyes.pids_with_windows() == Unseen("NO_WINDOW_LIST")


@pytest.fixture
def desktop() -> Iterator[str]:
    """An X server with a window manager."""
    if shutil.which("openbox") is None:
        pytest.skip("openbox is not installed")
    with xvfb() as display:
        environment = {**os.environ, "DISPLAY": display}
        manager = subprocess.Popen(
            ["openbox"], env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            yield display
        finally:
            manager.terminate()
            manager.wait()


def open_window(display: str, program: Path) -> subprocess.Popen[bytes]:
    """A Qt window of a program of any name."""
    if not program.exists():
        program.symlink_to(sys.executable)
    libraries = [p for p in sys.path if p.endswith("site-packages")]
    environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    environment["PYTHONPATH"] = os.pathsep.join(libraries)
    return subprocess.Popen([str(program), "-c", WINDOW], env=environment)


def front_program(eyes: X11) -> str:
    front = eyes.front()
    return front.program if isinstance(front, FrontFact) else ""


def test_who_is_in_front_is_known_by_program_and_not_by_title(
    desktop: str, tmp_path: Path, catalogue: Catalogue
):
    eyes = X11(desktop)
    names = FocusNames(catalogue)
    children = []
    causes = []
    try:
        for name in ("notes", "fcitx5", "360tray.exe"):
            child = open_window(desktop, tmp_path / name)
            children.append(child)
            assert until(lambda name=name: front_program(eyes) == name, 20)
            front = eyes.front()
            assert isinstance(front, FrontFact)
            assert (front.pid, front.is_ours) == (child.pid, False)
            assert "secret" not in repr(front)
            causes.append(names.cause_of(front))
        owners = eyes.pids_with_windows()
    finally:
        for child in children:
            child.kill()
            child.wait()
        eyes.close()

    assert causes == [Cause.OTHER_PROGRAM, Cause.INPUT_METHOD, Cause.SECURITY_POPUP]
    assert owners == {child.pid for child in children}


def test_our_own_window_is_ours(desktop: str, tmp_path: Path):
    child = open_window(desktop, tmp_path / "desk")
    eyes = X11(desktop, our_pid=child.pid)
    try:
        assert until(lambda: front_program(eyes) == "desk", 20)
        front = eyes.front()
        assert isinstance(front, FrontFact)
        assert front.is_ours
    finally:
        child.kill()
        child.wait()
        eyes.close()


def test_a_title_is_read_and_kept_only_where_the_plan_says_so(
    desktop: str, tmp_path: Path, catalogue: Catalogue
):
    eyes, silent = X11(desktop, titles=True), X11(desktop)
    names = FocusNames(catalogue)
    child = open_window(desktop, tmp_path / "notes")
    try:
        assert until(lambda: front_program(eyes) == "notes", 20)
        told, kept_back = names.judge(eyes.front()), names.judge(silent.front())
    finally:
        child.kill()
        child.wait()
        eyes.close()
        silent.close()

    assert dict(told.facts)["title"] == "secret title"
    assert "secret" not in repr(kept_back)


def test_an_input_methods_title_is_kept_by_no_plan(catalogue: Catalogue):
    front = FrontFact(7, "fcitx5", title="what somebody types")

    assert "types" not in repr(FocusNames(catalogue).judge(front))
