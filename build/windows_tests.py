"""Run the Windows tests with real Windows Python: `make test-windows`, ARGS go to pytest.

Builds the rig of build/wine_rig.py where it is missing, starts an X server whose displays can be
plugged, and runs in it tests/windows and those of the client's tests that need no media library.
The exit code is pytest's; 3 when this machine cannot hold the rig, with the reason.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from wine_rig import ROOT, Impossible, build, entering, python_words

sys.path.insert(0, str(ROOT))

from tests.client.guard.xserver import xorg
from tests.rigs.stage_hand import PORT_VARIABLE, StageHand

FOLDERS = (
    "tests/windows", "tests/client/app/test_unlock_shortcut.py", "tests/client/guard",
    "tests/client/domain", "tests/client/flow", "tests/client/i18n", "tests/client/keep",
    "tests/client/runtime",
)  # fmt: skip
NOT_POSSIBLE = 3
WITHIN_S = 600
NO_KEYS = """<?xml version="1.0" encoding="UTF-8"?>
<openbox_config xmlns="http://openbox.org/3.4/rc"><keyboard></keyboard></openbox_config>
"""


def main() -> int:
    """Build, run, say."""
    began_s = time.monotonic()
    try:
        rig = build()
    except Impossible as reason:
        print(f"Windows 测试未运行 · the Windows tests were not run: {reason}")
        return NOT_POSSIBLE
    print(f"the rig is ready after {time.monotonic() - began_s:.0f} s", flush=True)
    with (rig / "in-use").open("w") as lock, tempfile.TemporaryDirectory() as held:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one Wine at a time: its server sees one checkout
        try:
            code = _run(rig, Path(held))
        except pytest.skip.Exception as reason:
            print(f"Windows 测试未运行 · the Windows tests were not run: {reason}")
            return NOT_POSSIBLE
    print(f"Windows tests: exit code {code} after {time.monotonic() - began_s:.0f} s")
    return code


def _run(rig: Path, held: Path) -> int:
    chosen = [word for word in sys.argv[1:] if word.startswith("tests/")] or list(FOLDERS)
    others = [word for word in sys.argv[1:] if not word.startswith("tests/")]
    options = ["-q", "-p", "no:cacheprovider", "--timeout", "120", "--hypothesis-profile=ci"]
    out = ROOT / "out" / "windows"
    out.mkdir(parents=True, exist_ok=True)
    with xorg(held) as display, StageHand(display) as stage:
        manager = _window_manager(display, held)
        settings = {"DISPLAY": display, PORT_VARIABLE: str(stage.port)}
        words = python_words("-m", "pytest", *options, *chosen, *others)
        _end_wine(rig)
        warm_up = entering(rig, python_words("-m", "tests.windows.warm_up"), settings)
        subprocess.run(warm_up, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)
        _wait_for_wine(rig)
        # The second half of the workaround: the X server itself must be asked in between.
        subprocess.run(["xrandr", "-d", display, "--verbose"], capture_output=True)
        try:
            return subprocess.run(entering(rig, words, settings), timeout=WITHIN_S).returncode
        finally:
            _end_wine(rig)
            manager.terminate()
            manager.wait()


def _window_manager(display: str, held: Path) -> subprocess.Popen[bytes]:
    """Openbox without keys of its own: every chord reaches Wine."""
    config = held / "rc.xml"
    config.write_text(NO_KEYS, "utf-8")
    return subprocess.Popen(
        ["openbox", "--config-file", str(config)],
        env={**os.environ, "DISPLAY": display},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _end_wine(rig: Path) -> None:
    server = entering(rig, ["/usr/lib/wine/wineserver64", "-k"], {})
    subprocess.run(server, capture_output=True, timeout=30)
    _wait_for_wine(rig)


def _wait_for_wine(rig: Path) -> None:
    server = entering(rig, ["/usr/lib/wine/wineserver64", "-w"], {})
    subprocess.run(server, capture_output=True, timeout=30)


if __name__ == "__main__":
    sys.exit(main())
