"""The virtual screen through the same adapter as a screen: mss (issue 2)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from zhishiyun_client.rehearsal.desktop import DesktopSize, VirtualDesktop
from zhishiyun_client.rehearsal.display import has_window_manager
from zhishiyun_protocol.errors import Fixable

_DRAW_AND_GRAB = """
import json, sys
from PySide6.QtCore import QTimer
from PySide6.QtGui import QPalette, QColor
from PySide6.QtWidgets import QApplication, QWidget
import mss
app = QApplication([])
window = QWidget()
window.setPalette(QPalette(QColor(0, 120, 240)))
window.showFullScreen()
def grab():
    with mss.MSS() as screens:
        shot = screens.grab(screens.monitors[1])
    if shot.pixel(shot.width // 2, shot.height // 2) == (0, 120, 240):
        print(json.dumps([shot.width, shot.height, window.isActiveWindow()]))
        app.quit()
looking = QTimer()
looking.timeout.connect(grab)
looking.start(100)
QTimer.singleShot(20000, app.quit)
app.exec()
"""


def _run(code: str, desktop: VirtualDesktop) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **desktop.environment}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)


def test_mss_films_a_full_screen_window(virtual_desktop: VirtualDesktop) -> None:
    drawn = _run(_DRAW_AND_GRAB, virtual_desktop)

    assert json.loads(drawn.stdout) == [1366, 768, True], drawn.stderr


@pytest.mark.parametrize("text", ["1920x1080", "1366x768"])
def test_the_screen_has_the_size_that_was_asked_for(text: str) -> None:
    with VirtualDesktop(DesktopSize.parse(text)) as desktop:
        code = "import mss\nwith mss.MSS() as s: print(s.monitors[1])"
        monitor = _run(code, desktop).stdout

    assert f"'width': {text.split('x', maxsplit=1)[0]}" in monitor
    assert f"'height': {text.split('x')[1]}" in monitor


def test_two_desktops_stand_on_displays_of_their_own(virtual_desktop: VirtualDesktop) -> None:
    with VirtualDesktop() as other:
        assert other.display != virtual_desktop.display
        assert virtual_desktop.is_up


def test_a_stranger_without_the_key_is_not_let_in(virtual_desktop: VirtualDesktop) -> None:
    assert not has_window_manager(virtual_desktop.display, b"not the cookie..")


def test_nothing_is_left_when_the_block_ends() -> None:
    before = {it.pid for it in psutil.Process().children(recursive=True)}

    with VirtualDesktop() as desktop:
        started = [it for it in psutil.Process().children(recursive=True) if it.pid not in before]
        folder = Path(desktop.environment["XAUTHORITY"]).parent
        assert {"Xvfb", "openbox"} <= {it.name() for it in started}

    _gone, alive = psutil.wait_procs(started, timeout=5)
    assert alive == []
    assert not folder.exists()
    assert not Path(f"/tmp/.X11-unix/X{desktop.display[1:]}").exists()


def test_a_window_manager_that_is_missing_leaves_no_display_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for program in ("Xvfb", "sh", "xkbcomp"):
        (tmp_path / program).symlink_to(f"/usr/bin/{program}")
    monkeypatch.setenv("PATH", str(tmp_path))
    before = {it.pid for it in psutil.Process().children(recursive=True)}

    with pytest.raises(Fixable) as caught, VirtualDesktop():
        pytest.fail("entered without a window manager")

    after = {it.pid for it in psutil.Process().children(recursive=True)}
    assert caught.value.facts == {"program": "openbox"}
    assert after <= before


@pytest.mark.parametrize("text", ["", "1920", "10x10", "99999x1", "1920X1080", "1920x1080x24"])
def test_an_impossible_size_is_refused_with_the_words_that_mend_it(text: str) -> None:
    with pytest.raises(Fixable) as caught:
        DesktopSize.parse(text)

    assert "1920x1080" in caught.value.message
    assert "1920x1080" in caught.value.zh
