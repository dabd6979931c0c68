"""Displays on Windows, plugged and mirrored from outside while the program runs (R033, R034)."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from tests.windows.conftest import until
from zhishiyun_client.guard import displays
from zhishiyun_client.guard.systems.windows import Windows
from zhishiyun_client.guard.watch import Watch
from zhishiyun_client.guard.watchers import DisplayWatcher
from zhishiyun_client.ports.watching import Finding, Says, Severity, Unseen

pytestmark = pytest.mark.windows
MODE = "1366x768"
SEEN_WITHIN_S = 2.0
WINDOW = """
from PySide6.QtWidgets import QApplication, QWidget
application = QApplication([])
window = QWidget()
window.show()
print("shown", flush=True)
application.exec()
"""


@pytest.fixture
def desk() -> Iterator[None]:
    """A window, as a desk has one: Wine hears of new displays by windows' messages only."""
    words = [sys.executable, "-c", WINDOW]
    environment = {**os.environ, "QT_QPA_PLATFORM": "windows"}
    process = subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "shown"
    yield
    process.kill()
    process.wait(10)
    process.stdout.close()


@pytest.fixture
def second(stage: Callable[..., str], desk: None) -> Iterator[Callable[..., None]]:
    """Plug, mirror or pull the second display; it is pulled afterwards."""
    stage("xrandr", "--addmode", "DUMMY1", MODE)

    def change(*words: str) -> None:
        stage("xrandr", "--output", "DUMMY1", *words)

    yield change
    change("--off")
    assert until(lambda: active() == 1)


def active() -> int:
    seen = Windows().displays()
    assert not isinstance(seen, Unseen), seen
    return sum(display.is_active for display in seen)


def test_one_external_monitor_passes() -> None:
    assert active() == 1
    assert displays.judge(Windows().displays()) == ()


def test_a_second_display_is_seen_and_so_is_its_end(second: Callable[..., None]) -> None:
    second("--mode", MODE, "--right-of", "DUMMY0")

    assert until(lambda: active() == 2)
    (sight,) = displays.judge(Windows().displays())
    assert (sight.rule, sight.severity) == ("display.extra", Severity.BLOCKS_ENTRY)
    assert sight.explanation is Says.DISPLAY_EXTRA
    second("--off")
    assert until(lambda: active() == 1)


def test_a_mirrored_display_is_a_second_one(second: Callable[..., None]) -> None:
    second("--mode", MODE, "--same-as", "DUMMY0")

    assert until(lambda: active() == 2)
    (sight,) = displays.judge(Windows().displays())
    assert sight.explanation is Says.DISPLAY_MIRRORED
    assert dict(sight.facts)["mirrored"] == "yes"


def test_the_watch_sees_a_change_within_two_seconds(second: Callable[..., None]) -> None:
    found: list[Finding] = []
    watch = Watch([DisplayWatcher(Windows(), one_display=True, rules_version="r")], found.append)
    watch.start()
    began_s = time.monotonic()
    second("--mode", MODE, "--right-of", "DUMMY0")
    assert until(lambda: len(found) >= 1)
    seen_s = time.monotonic() - began_s
    second("--off")
    assert until(lambda: any(finding.ended_us for finding in found))
    assert watch.stop(5)

    print(f"seen after {seen_s:.2f} s")
    assert found[0].ended_us is None
    assert seen_s <= SEEN_WITHIN_S + 1.0  # Xorg itself takes its time with a new mode
