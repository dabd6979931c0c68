"""The steps that need no window: awake by a child that cannot outlive us, the screen saver."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from zhishiyun_client.guard.steps.awake import AwakeStep
from zhishiyun_client.guard.steps.window import KeyboardStep, NoWindow
from zhishiyun_client.guard.systems.steps_here import steps_here
from zhishiyun_client.guard.systems.x11_lock import ScreenSaverStep
from zhishiyun_client.ports.locking import NotHere

from .conftest import until
from .xserver import xvfb

ROOT = Path(__file__).parents[3]
HOLDER = ("nice", "-n", "1")  # as systemd-inhibit does: runs the words after it as a program

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux's steps")


def is_there(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_awake_is_held_until_it_is_given_back():
    step = AwakeStep(HOLDER, lambda: True)
    assert step.look() == {}
    step.apply()
    assert step._child is not None
    pid = step._child.pid

    assert is_there(pid)
    step.undo({})
    step.undo({})
    assert not is_there(pid)


def test_awake_ends_with_the_process_that_held_it():
    code = (
        "from tests.client.guard.test_steps import HOLDER\n"
        "from zhishiyun_client.guard.steps.awake import AwakeStep\n"
        "step = AwakeStep(HOLDER, lambda: True)\n"
        "step.apply()\n"
        "print(step._child.pid, flush=True)\n"
        "import time; time.sleep(60)\n"
    )
    words = [sys.executable, "-c", code]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        pid = int(holder.stdout.readline())
        assert is_there(pid)
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()

    assert until(lambda: not is_running(pid))


def is_running(pid: int) -> bool:
    """Whether it does anything: nobody may be there to collect a dead one."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in ("Z", "X")


def test_awake_has_no_place_where_nobody_can_hold_it():
    with pytest.raises(NotHere):
        AwakeStep(("no-such-program-anywhere",), lambda: True).look()
    with pytest.raises(NotHere):
        AwakeStep(HOLDER, lambda: False).look()


def test_the_screen_saver_is_switched_off_and_back(monkeypatch: pytest.MonkeyPatch):
    with xvfb() as display:
        monkeypatch.setenv("DISPLAY", display)
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
        subprocess.run(["xset", "s", "300", "77"], check=True)
        step = ScreenSaverStep()

        before = step.look()
        step.apply()
        locked = step.look()
        step.undo(before)
        step.undo(before)

        assert (before["timeout_s"], before["interval_s"]) == (300, 77)
        assert locked["timeout_s"] == 0
        assert step.look() == before
    step.undo(before)  # the server is gone: nothing to give back, nothing fails


def test_without_x11_there_is_no_screen_saver(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("DISPLAY", raising=False)

    with pytest.raises(NotHere):
        ScreenSaverStep().look()


def test_a_window_that_cannot_hold_the_keyboard_is_no_mistake():
    with pytest.raises(NotHere):
        KeyboardStep(NoWindow()).look()


def test_steps_have_names_of_their_own_and_can_be_undone_by_anybody():
    nobody = NoWindow()
    steps = steps_here(nobody, nobody, print)

    names = [step.name for step in steps]
    assert len(set(names)) == len(names)
    for step in steps:
        if step.name != "screen_saver":  # the only one whose undoing needs what it found
            step.undo({})
