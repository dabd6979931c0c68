"""On a real X11 desktop: locked while it must be, free after every kind of death (design §7)."""

from __future__ import annotations

import os
import re
import resource
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.client.guard.conftest import until
from tests.client.guard.xserver import xvfb
from tests.rigs.held_files import Held, HeldFiles, compile_library
from zhishiyun_client.guard.ladder import FILE, Journal
from zhishiyun_client.guard.pulse import STILL_S

ROOT = Path(__file__).parents[3]
RC = """<?xml version="1.0" encoding="UTF-8"?>
<openbox_config xmlns="http://openbox.org/3.4/rc"><keyboard>
<keybind key="W-e"><action name="Execute"><command>touch MARK</command></action></keybind>
</keyboard></openbox_config>
"""
FREED_WITHIN_S = 8.0  # the issue's own number

pytestmark = [
    pytest.mark.desktop,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11 only"),
]


class Desk:
    """The program under test with its desktop; a hot key of the desktop makes the file `mark`."""

    def __init__(
        self, display: str, folder: Path, surroundings: dict[str, str] | None = None
    ) -> None:
        self.home = folder / "home"
        self.home.mkdir(exist_ok=True)
        self.mark = folder / "mark"
        given = os.environ if surroundings is None else surroundings
        self.environment = {**given, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
        self.environment.pop("WAYLAND_DISPLAY", None)
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        self.hang_up()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.client.app.locked_desk", str(self.home)],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,  # what is waiting in a buffer cannot be waited for
        )
        self.hear("shown")

    def say(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word}\n".encode())

    def hear(self, beginning: str, within_s: float = 15.0) -> str:
        assert self.process.stdout is not None
        deadline_s = time.monotonic() + within_s
        while time.monotonic() < deadline_s:
            ready, _, _ = select.select([self.process.stdout], [], [], 0.2)
            line = self.process.stdout.readline().decode() if ready else ""
            if line.startswith(beginning):
                return line.strip()
        raise AssertionError(f"{beginning!r} was not said")

    def lock(self) -> None:
        self.say("lock")
        self.hear("did lock")
        assert until(lambda: not self.hot_key_works(), 5)

    def hot_key_works(self) -> bool:
        """Press Super+E on the real keyboard; the desktop's own answer says who has it."""
        self.mark.unlink(missing_ok=True)
        self.press("super+e")
        return until(self.mark.exists, 0.5)

    def press(self, *keys: str) -> None:
        words = ["xdotool", "key", "--delay", "20", *keys]
        subprocess.run(words, env=self.environment, check=True)

    def screen_saver_s(self) -> int:
        said = subprocess.run(
            ["xset", "q"], env=self.environment, check=True, capture_output=True, text=True
        ).stdout
        found = re.search(r"timeout:\s+(\d+)", said)
        assert found is not None
        return int(found[1])

    def switches(self) -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter(["cmdline"]):
            words = process.info["cmdline"] or []
            if "release" in words and str(self.home) in words:
                found.append(process)
        return found

    def close(self) -> None:
        assert self.process is not None
        self.process.kill()  # nothing where it is dead already; a stopped one hears it too
        self.process.wait()
        for switch in self.switches():
            switch.kill()
        self.hang_up()

    def hang_up(self) -> None:
        for pipe in (self.process.stdin, self.process.stdout) if self.process else ():
            if pipe is not None:
                pipe.close()


@pytest.fixture(scope="module")
def desktop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("desktop")
    config = folder / "rc.xml"
    config.write_text(RC.replace("MARK", str(folder / "mark")), encoding="utf-8")
    with xvfb() as display:
        manager = subprocess.Popen(
            ["openbox", "--config-file", str(config)],
            env={**os.environ, "DISPLAY": display},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # else its Execute actions do nothing
        )
        yield display, folder
        manager.terminate()
        manager.wait()


@pytest.fixture
def desk(desktop: tuple[str, Path], tmp_path: Path) -> Iterator[Desk]:
    display, folder = desktop
    (folder / "home").mkdir(exist_ok=True)
    for left in (folder / "home").glob("*.*"):
        left.unlink()
    subprocess.run(["xset", "-display", display, "s", "600"], check=True)
    made = Desk(display, folder)
    yield made
    made.close()


def test_chords_are_kept_back_letters_pass_and_all_is_given_back(desk: Desk):
    assert until(desk.hot_key_works, 5)
    desk.lock()
    assert desk.screen_saver_s() == 0

    desk.press("a", "alt+Tab", "b", "super+e", "Print", "ctrl+Escape", "alt+F4", "c")
    desk.say("text")
    assert desk.hear("text") == "text 'abc'"

    desk.say("unlock")
    desk.hear("did unlock")
    assert until(desk.hot_key_works, 3)
    assert desk.screen_saver_s() == 600
    assert not (desk.home / FILE).exists()
    assert until(lambda: not desk.switches(), 3)


def test_a_chord_that_was_kept_back_is_told(desk: Desk):
    desk.lock()
    desk.press("Print")

    assert "print" in desk.hear("report ChordRefused(reason='print")


@pytest.mark.parametrize("how", ["stopped", "hanging"])
def test_a_frozen_desk_does_not_hold_the_keyboard(desk: Desk, how: str):
    desk.lock()
    if how == "stopped":
        os.kill(desk.process.pid, signal.SIGSTOP)
    else:
        desk.say("hang")
        desk.hear("hanging")
    frozen_s = time.monotonic()
    assert not desk.hot_key_works()

    assert until(desk.hot_key_works, 15)
    freed_s = time.monotonic() - frozen_s

    print(f"freed after {freed_s:.1f} s")
    assert freed_s <= FREED_WITHIN_S
    assert until(lambda: desk.screen_saver_s() == 600, 3)
    assert until(lambda: not (desk.home / FILE).exists(), 3)


@pytest.mark.parametrize("how", ["kill", "abort"])
def test_a_desk_that_dies_leaves_nothing_locked(desk: Desk, how: str):
    desk.lock()
    if how == "kill":
        desk.process.kill()
    else:
        desk.say("abort")
    desk.process.wait(10)

    assert until(desk.hot_key_works, 3)
    assert until(lambda: desk.screen_saver_s() == 600, 3)
    assert until(lambda: not desk.switches(), 3)


def test_when_desk_and_switch_die_together_unlock_gives_the_computer_back(desk: Desk):
    desk.lock()
    for process in desk.switches():
        process.kill()
    desk.process.kill()
    desk.process.wait(10)
    assert until(desk.hot_key_works, 3)
    assert desk.screen_saver_s() == 0
    assert "screen_saver" in [rung.name for rung in Journal(desk.home).read()]

    words = [sys.executable, "-m", "zhishiyun_client", "unlock", "--home", str(desk.home)]
    first = subprocess.run(words, cwd=ROOT, env=desk.environment, capture_output=True, text=True)
    again = subprocess.run(words, cwd=ROOT, env=desk.environment, capture_output=True, text=True)

    assert first.returncode == 0, first.stderr
    assert "screen_saver" in first.stdout
    assert desk.screen_saver_s() == 600
    assert (again.returncode, again.stdout.split()[0]) == (0, "无需恢复。")


def test_the_next_start_gives_back_what_the_last_left(desk: Desk):
    desk.lock()
    for process in desk.switches():
        process.kill()
    desk.process.kill()
    desk.process.wait(10)
    assert desk.screen_saver_s() == 0

    desk.start()

    assert desk.screen_saver_s() == 600


def test_on_a_full_disk_nothing_is_locked_and_it_is_said(desk: Desk):
    fill_disk_of(desk)

    desk.say("lock")

    desk.hear("report Climbed(applied=(), skipped=())")
    desk.hear("did lock")
    assert until(desk.hot_key_works, 5)
    assert desk.screen_saver_s() == 600
    assert Journal(desk.home).read() == ()


def test_a_disk_that_fills_up_while_locked_keeps_nothing_locked(desk: Desk):
    desk.lock()
    fill_disk_of(desk)

    desk.say("unlock")
    desk.hear("did unlock")

    assert until(desk.hot_key_works, 5)
    assert desk.screen_saver_s() == 600
    assert not (desk.home / FILE).exists()


def test_a_disk_that_answers_nothing_is_no_frozen_desk(
    desktop: tuple[str, Path], tmp_path: Path
) -> None:
    display, folder = desktop
    held = HeldFiles(compile_library(tmp_path), folder / "home", tmp_path)
    desk = Desk(display, folder, {**os.environ, **held.environment})
    try:
        desk.lock()
        held.hold(Held.STUCK)
        time.sleep(STILL_S + 3)  # longer than a frozen desk is let live

        assert desk.process.poll() is None
        assert not desk.hot_key_works()
        held.hold(Held.NOTHING)
        desk.say("unlock")
        desk.hear("did unlock")
        assert until(desk.hot_key_works, 3)
    finally:
        held.hold(Held.NOTHING)
        desk.close()


def fill_disk_of(desk: Desk) -> None:
    """From now on this process can write no byte to any file, as on a full disk."""
    resource.prlimit(desk.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))


def test_a_switch_that_dies_is_started_again(desk: Desk):
    desk.lock()
    (switch,) = desk.switches()
    switch.kill()

    assert until(lambda: any(each.pid != switch.pid for each in desk.switches()), 5)


def test_foreign_clipboard_is_emptied_and_ours_works(desk: Desk):
    outside = subprocess.Popen(
        [sys.executable, "-c", OUTSIDE], env=desk.environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert outside.stdout is not None
        assert outside.stdout.readline().strip() == "put"
        desk.lock()
        desk.say("clipboard")
        assert desk.hear("clipboard") == "clipboard ''"
        put_outside(desk, "more answers")
        desk.hear("report ClipboardTouched")
        assert until(lambda: clipboard(desk) == "", 5)
        desk.press("d", "e", "ctrl+a", "ctrl+c", "Right", "ctrl+v")
        desk.say("text")
        assert desk.hear("text") == "text 'dede'"
    finally:
        outside.kill()
        outside.wait()
        outside.stdout.close()


def put_outside(desk: Desk, words: str) -> None:
    """Another program's copy: it offers it for a second and a half."""
    code = OUTSIDE.replace("answers from outside", words)
    code = code.replace("app.exec()", "QTimer.singleShot(1500, app.quit)\napp.exec()")
    subprocess.Popen([sys.executable, "-c", code], env=desk.environment, stdout=-3).wait(30)


def clipboard(desk: Desk) -> str:
    desk.say("clipboard")
    return desk.hear("clipboard ").removeprefix("clipboard ").strip("'")


OUTSIDE = """
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
app = QGuiApplication([])
app.clipboard().setText("answers from outside")
QTimer.singleShot(300, lambda: print("put", flush=True))
app.exec()
"""
