"""Real programs with forbidden names, and a list to know them by."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from zhishiyun_client.guard.catalogue import Catalogue, load_catalogue

LIST = Path(__file__).parents[3] / "resources" / "guard" / "list.toml"
# On Windows the program is Python itself under another name: nothing of the system just sleeps.
SLEEPER = sys.executable if sys.platform == "win32" else "/bin/sleep"
ASLEEP = ("-c", "import sys, time; time.sleep(float(sys.argv[1]))")
SURROUNDINGS = {
    **os.environ,
    "PATH": f"{sys.base_prefix}{os.pathsep}{os.environ.get('PATH', '')}",
    **({"PYTHONHOME": sys.base_prefix} if sys.platform == "win32" else {}),
}
Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue(LIST, sys.platform)


@pytest.fixture
def start_as(tmp_path: Path) -> Iterator[Start]:
    """Start a program that does nothing under any name, in any folder below tmp_path."""
    started: list[subprocess.Popen[bytes]] = []

    def start(name: str, folder: str = "bin", seconds: str = "120") -> subprocess.Popen[bytes]:
        program = tmp_path / folder / name
        program.parent.mkdir(parents=True, exist_ok=True)
        if not program.exists():
            shutil.copy(SLEEPER, program)
        process = subprocess.Popen(
            [str(program), *(ASLEEP if sys.platform == "win32" else ()), seconds], env=SURROUNDINGS
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def called(name: str) -> str:
    """A program's file name on this system."""
    return f"{name}.exe" if sys.platform == "win32" else name


def until(condition: Callable[[], bool], within_s: float = 5.0) -> bool:
    """Wait for a condition, looking every 10 ms; False when the time is over."""
    deadline_s = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline_s:
            return False
        time.sleep(0.01)
    return True
