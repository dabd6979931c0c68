"""Chinese is typed through a real input method while the keyboard is locked (R105, design §7).

IBus with libpinyin on a bus of its own, real keys by xdotool, the lock's own grab and filter.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client.app.test_lock_desk import Desk
from tests.client.guard.conftest import until
from tests.client.guard.xserver import xvfb

NEEDED = ("ibus-daemon", "ibus", "dbus-daemon", "openbox", "xdotool")
ENGINE = "libpinyin"

pytestmark = [
    pytest.mark.desktop,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11 only"),
]


@pytest.fixture
def surroundings(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A display, a window manager, a bus and an input method, and the variables that lead there."""
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    run = tmp_path / "run"
    run.mkdir(mode=0o700)
    with xvfb() as display:
        settings = {
            **os.environ,
            "DISPLAY": display,
            "HOME": str(tmp_path),
            "XDG_CONFIG_HOME": str(tmp_path / "config"),
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
            "XDG_RUNTIME_DIR": str(run),
            "QT_IM_MODULE": "ibus",
        }
        bus = subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", "--print-address"],
            env=settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert bus.stdout is not None
        settings["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()
        quiet = {"stdin": subprocess.DEVNULL, "stdout": -3, "stderr": -3, "env": settings}
        started = [
            subprocess.Popen(["openbox"], **quiet),
            subprocess.Popen(["ibus-daemon", "--panel", "disable"], **quiet),
        ]
        try:
            assert until(lambda: chosen(settings), 30), "the input method does not come up"
            yield settings
        finally:
            for process in (*started, bus):
                process.terminate()
                process.wait(10)
            bus.stdout.close()


def chosen(settings: dict[str, str]) -> bool:
    """Choose Pinyin; false while the daemon is not there yet."""
    subprocess.run(["ibus", "engine", ENGINE], env=settings, capture_output=True)
    said = subprocess.run(["ibus", "engine"], env=settings, capture_output=True, text=True)
    return said.stdout.strip() == ENGINE


@pytest.fixture
def desk(surroundings: dict[str, str], tmp_path: Path) -> Iterator[Desk]:
    made = Desk(surroundings["DISPLAY"], tmp_path, surroundings)
    yield made
    made.close()


def test_chinese_is_typed_in_every_kind_of_box_while_locked(desk: Desk):
    desk.say("lock")
    desk.hear("did lock")
    assert until(lambda: first_word(desk), 30)

    desk.press("shift", "o", "k", "alt+Tab", "shift")  # Shift switches to English and back
    desk.press(*"zhongguo", "space")
    assert until(lambda: content(desk, "text") == "你好ok中国", 15), content(desk, "text")

    content(desk, "line")  # gives it the keyboard
    desk.press(*"xiexie", "space")
    assert until(lambda: content(desk, "line") == "谢谢", 15), content(desk, "line")


def first_word(desk: Desk) -> bool:
    """The window may still be greeting the input method: then letters come, and it tries again."""
    desk.say("clear")
    desk.hear("did clear")
    desk.press(*"nihao", "space")
    return until(lambda: content(desk, "text") == "你好", 3)


def content(desk: Desk, box: str) -> str:
    desk.say(box)
    return desk.hear(f"{box} ").removeprefix(f"{box} ").strip("'")
