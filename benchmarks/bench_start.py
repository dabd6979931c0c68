"""From starting the client to its first window, against a bare PySide6 window: seconds.

Both start in turn on a virtual desktop of their own; the display server tells when the first
window is mapped. The first round warms the file cache and does not count.
"""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from benchmarks.outcome import report
from zhishiyun_client.app.rehearsal_server import RehearsalServer, pick_sitter
from zhishiyun_client.rehearsal.desktop import DesktopSize, VirtualDesktop
from zhishiyun_client.runtime.programs import client_command

ROUNDS = 7
WINDOW_WITHIN_S = 30.0
AHEAD_S = 3600  # the exam begins long after the benchmark
SIZE = DesktopSize(1366, 768)
BARE = """
from PySide6.QtWidgets import QApplication, QWidget
app = QApplication([])
window = QWidget()
window.showFullScreen()
app.exec()
"""


def main() -> int:
    """Start both in turn, as often as ROUNDS says."""
    ours: list[float] = []
    anchor: list[float] = []
    with tempfile.TemporaryDirectory() as place, VirtualDesktop(SIZE) as desktop:
        folder = Path(place)
        with RehearsalServer(folder, "a", pick_sitter(""), AHEAD_S, 1.0) as server:
            words = ["--home", str(folder / "home"), "--ticket", str(server.ticket_file)]
            client = client_command("desk", *words, "--trust", str(server.trust_file))
            for _ in range(1 + ROUNDS):
                ours.append(_seconds_to_window(client, desktop))
                anchor.append(_seconds_to_window([sys.executable, "-c", BARE], desktop))
    report("start", ours[1:], anchor[1:], "s")
    return 0


def _seconds_to_window(command: list[str], desktop: VirtualDesktop) -> float:
    surroundings = os.environ | desktop.environment
    with _Watch(surroundings) as watch:
        began_s = time.perf_counter()
        program = subprocess.Popen(
            command, env=surroundings, start_new_session=True, stderr=subprocess.DEVNULL
        )
        try:
            return watch.first_window_at_s() - began_s
        finally:
            _end(program)


class _Watch:
    """Hears from the display server when a window is mapped."""

    def __init__(self, surroundings: dict[str, str]) -> None:
        command = ["xev", "-root", "-event", "substructure"]
        self._xev = subprocess.Popen(
            ["stdbuf", "-oL", *command], env=surroundings, stdout=subprocess.PIPE, bufsize=0
        )

    def __enter__(self) -> _Watch:
        return self

    def __exit__(self, *_: object) -> None:
        self._xev.terminate()
        self._xev.wait()

    def first_window_at_s(self) -> float:
        """Wait for the first mapped window; the reading of the performance counter then."""
        deadline_s = time.perf_counter() + WINDOW_WITHIN_S
        heard = b""
        assert self._xev.stdout is not None
        while (left_s := deadline_s - time.perf_counter()) > 0:
            if select.select([self._xev.stdout], [], [], left_s)[0]:
                heard += os.read(self._xev.stdout.fileno(), 4096)
                if b"MapNotify" in heard:
                    return time.perf_counter()
        raise TimeoutError("no window appeared")


def _end(program: subprocess.Popen[bytes]) -> None:
    """End the program and all it started, at once: one would start the other again."""
    started = psutil.Process(program.pid).children(recursive=True)
    for process in [psutil.Process(program.pid), *started]:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    program.wait()
    psutil.wait_procs(started, timeout=5)


if __name__ == "__main__":
    sys.exit(main())
