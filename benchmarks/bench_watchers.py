"""What all watchers of the guard cost together at their own beats, and how soon they see.

CPU of the watch's process against one core, over a window in which programs come and go and the
displays stand still; then how long after its start a forbidden program is seen (50 times) and how
long after a display was plugged or pulled that is seen (20 times), on an Xvfb of its own.

Run: python -m benchmarks.bench_watchers [seconds]. The last line is JSON; the anchor is the naive
loop that reads name, exe and command line of everything at the process watch's beat.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from benchmarks.bench_process_watch import look_at_everything
from tests.client.guard.xserver import xrandr, xvfb
from zhishiyun_client.guard.focus import FocusNames
from zhishiyun_client.guard.processes import ProcessWatch, ask_by_signal
from zhishiyun_client.guard.rulebook import shipped_rules
from zhishiyun_client.guard.surroundings_watcher import SurroundingsWatcher
from zhishiyun_client.guard.systems.linux import X11
from zhishiyun_client.guard.systems.surroundings_linux import LinuxSurroundings
from zhishiyun_client.guard.watch import Watch
from zhishiyun_client.guard.watchers import DisplayWatcher, FocusWatcher, ProgramWatcher
from zhishiyun_client.ports.watching import Finding
from zhishiyun_protocol.plan import Guarding

LISTS = Path(__file__).resolve().parents[1] / "resources" / "guard"
WINDOW_S = 30.0
FULL = 200  # processes of a person's machine
PROGRAMS, DISPLAYS = 50, 20
WAIT_S = 10.0


class Bench:
    """The watch over a display, and what it said."""

    def __init__(self, display: str) -> None:
        rules = shipped_rules(LISTS, sys.platform)
        version = rules.catalogue.rules_version
        self.eyes = X11(display)
        self.found: list[Finding] = []
        processes = ProcessWatch(rules.catalogue, Guarding(), ask_by_signal)
        focus = FocusWatcher(self.eyes, FocusNames(rules.catalogue), version)
        focus.tell(active=False, at_us=0)  # the dearest case: the window has lost the keyboard
        around = SurroundingsWatcher(
            LinuxSurroundings(), self.eyes, rules.surroundings, rules.surroundings_version
        )
        self.watch = Watch(
            [
                ProgramWatcher(processes, self.eyes, version),
                DisplayWatcher(self.eyes, one_display=True, rules_version=version),
                around,
                focus,
            ],
            self._take,
        )

    def _take(self, report: object) -> None:
        if isinstance(report, Finding):
            self.found.append(report)

    def stands(self, rule: str, subject: str) -> bool:
        """Whether the newest finding of this name has not ended."""
        same = [f for f in self.found if f.rule == rule and subject in f.subject]
        return bool(same) and same[-1].ended_us is None


def main() -> None:
    """Measure and print."""
    window_s = float(sys.argv[1]) if len(sys.argv) > 1 else WINDOW_S
    idle = [_sleeper("3600") for _ in range(max(0, FULL - len(psutil.pids())))]
    with xvfb() as display, tempfile.TemporaryDirectory() as folder:
        bench = Bench(display)
        bench.watch.start()
        try:
            share = _share(window_s)
            seen_s = sorted(_program(bench, Path(folder), i) for i in range(PROGRAMS))
            changed_s = sorted(_display(bench, display, i) for i in range(DISPLAYS))
        finally:
            bench.watch.stop(5)
            bench.eyes.close()
            for process in idle:
                process.terminate()
                process.wait()
    naive = _naive_share()
    print(f"{FULL} processes, {window_s:.0f} s: all watchers {share:.2%} of one core")
    print(f"forbidden program seen: {_spread(seen_s)} over {PROGRAMS}")
    print(f"display change seen: {_spread(changed_s)} over {DISPLAYS}")
    result = {
        "bench": "watchers",
        "ours": round(share * 100, 3),
        "anchor": round(naive * 100, 3),
        "ratio": round(share / naive, 3),
        "unit": "% of one core",
        "program_seen_s": round(statistics.median(seen_s), 2),
        "display_seen_s": round(statistics.median(changed_s), 2),
    }
    print(json.dumps(result))


def _share(window_s: float) -> float:
    """CPU of this process, which does nothing but watch, while two programs a second pass."""
    ends_s = time.monotonic() + window_s
    us = psutil.Process()
    before = us.cpu_times()
    starting_s = 0.0
    while time.monotonic() < ends_s:
        began_s = time.thread_time()
        passing = [_sleeper("0.2") for _ in range(2)]
        for process in passing:
            process.wait()
        starting_s += time.thread_time() - began_s
        time.sleep(0.8)
    after = us.cpu_times()
    spent_s = after.user + after.system - before.user - before.system - starting_s
    return float(spent_s / window_s)


def _program(bench: Bench, folder: Path, number: int) -> float:
    program = folder / "WeChat"
    if not program.exists():
        shutil.copy("/bin/sleep", program)
    time.sleep((number % 10) / 10)  # anywhere in a beat
    began_s = time.monotonic()
    process = subprocess.Popen([str(program), "60"])
    try:
        return _after(began_s, lambda: bench.stands("process.chat", "wechat"))
    finally:
        process.kill()
        process.wait()
        _after(time.monotonic(), lambda: not bench.stands("process.chat", "wechat"))


def _display(bench: Bench, display: str, number: int) -> float:
    time.sleep((number % 10) / 10)
    plugs = number % 2 == 0
    began_s = time.monotonic()
    if plugs:
        xrandr(display, "--setmonitor", "TABLET", "800/200x600/150+1366+0", "none")
    else:
        xrandr(display, "--delmonitor", "TABLET")
    return _after(began_s, lambda: bench.stands("display.extra", "") is plugs)


def _after(began_s: float, condition: Callable[[], bool]) -> float:
    while not condition():
        if time.monotonic() - began_s > WAIT_S:
            raise TimeoutError("it was never seen")
        time.sleep(0.01)
    return time.monotonic() - began_s


def _naive_share() -> float:
    idle = [_sleeper("3600") for _ in range(max(0, FULL - len(psutil.pids())))]
    look_at_everything()
    began_s = time.thread_time()
    for _ in range(10):
        look_at_everything()
    spent_s = time.thread_time() - began_s
    for process in idle:
        process.terminate()
        process.wait()
    return spent_s / 10  # a look a second


def _spread(values: list[float]) -> str:
    return f"median {statistics.median(values):.2f} s, most {values[-1]:.2f} s"


def _sleeper(seconds: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(["sleep", seconds], env={"PATH": os.environ["PATH"]})


if __name__ == "__main__":
    main()
