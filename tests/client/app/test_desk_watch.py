"""A dead desk is started again, slower each time, and not for ever (design §2)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.client.capture.recordings import wait_until
from zhishiyun_client.app import desk_watch
from zhishiyun_client.app.desk_watch import DeskWatch
from zhishiyun_client.ports.recorder import Hello


def dead_pid() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait(10)
    return process.pid


def command(mark: Path) -> tuple[str, ...]:
    return (sys.executable, "-c", f"open({str(mark)!r}, 'a').write('x')")


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    return tmp_path / "started"


def test_a_living_desk_is_left_alone(mark: Path) -> None:
    watch = DeskWatch()
    watch.meet(Hello(desk_pid=os.getpid(), restart=command(mark)))

    assert not watch.look()


def test_a_dead_desk_is_started_at_once(mark: Path) -> None:
    watch = DeskWatch()
    watch.meet(Hello(desk_pid=dead_pid(), restart=command(mark)))

    assert watch.look()
    wait_until("the command ran", mark.exists)
    wait_until("and was waited for", lambda: not watch._is_alive())


def test_a_desk_that_took_its_leave_is_not_started(mark: Path) -> None:
    watch = DeskWatch()
    watch.meet(Hello(desk_pid=dead_pid(), restart=command(mark)))
    watch.dismiss()

    assert not watch.look()


def test_a_recorder_that_came_back_knows_the_command_and_gives_up_in_the_end(
    mark: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_watch, "WAITS_S", (0.0, 0.05, 0.05))
    watch = DeskWatch(command(mark))
    starts = 0

    def look() -> bool:
        nonlocal starts
        starts += watch.look()
        return starts == 3 and not watch._is_alive()

    wait_until("three starts", look)
    assert not any(watch.look() for _ in range(50))
    assert mark.read_text() == "xxx"
