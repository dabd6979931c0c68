"""CPU of all watchers of the guard together, a second's beats at a time, against the naive loop.

A second: programs, displays and windows over others once, who is in front four times (the window
has lost the keyboard: the dearest case), the computer itself in every fifth second. The naive loop
reads name, exe and command line of everything once. Interleaved, CPU of this thread; two programs
a second come and go. Runs where the client runs; under Wine this is the only figure there is.
Run: python -m benchmarks.bench_guard_beats [seconds]. The last line is JSON.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil

from benchmarks.bench_process_watch import FULL, look_at_everything, sleeper
from zhishiyun_client.guard.focus import FocusNames
from zhishiyun_client.guard.processes import ProcessWatch
from zhishiyun_client.guard.rulebook import shipped_rules
from zhishiyun_client.guard.surroundings_watcher import SurroundingsWatcher
from zhishiyun_client.guard.systems.here import (
    ask_here,
    eyes_here,
    identify_here,
    overlays_here,
    surroundings_here,
)
from zhishiyun_client.guard.watch import monotonic_us
from zhishiyun_client.guard.watchers import (
    DisplayWatcher,
    FocusWatcher,
    OverlayWatcher,
    ProgramWatcher,
    Watcher,
)
from zhishiyun_protocol.plan import Guarding

LISTS = Path(__file__).resolve().parents[1] / "resources" / "guard"
SECONDS, WARM_SECONDS = 60, 5


def watchers() -> tuple[Watcher, ...]:
    """All of them, as the desk has them."""
    rules = shipped_rules(LISTS, sys.platform)
    version, around = rules.catalogue.rules_version, rules.surroundings
    eyes, second = eyes_here(), itertools.count()
    programs = ProcessWatch(
        rules.catalogue, Guarding(), ask_here(), lambda: float(next(second)), identify_here()
    )
    focus = FocusWatcher(eyes, FocusNames(rules.catalogue), version)
    focus.tell(active=False, at_us=0)
    return (
        ProgramWatcher(programs, eyes, version),
        DisplayWatcher(eyes, one_display=True, rules_version=version),
        OverlayWatcher(overlays_here(), around.hidden_window, version),
        focus,
        SurroundingsWatcher(surroundings_here(), eyes, around, rules.surroundings_version),
    )


def a_second(all_of_them: tuple[Watcher, ...], number: int) -> None:
    """Everything that is due in one second."""
    for watcher in all_of_them:
        times = round(1 / watcher.beat_s) if watcher.beat_s <= 1 else 1
        if number % max(1, round(watcher.beat_s)) == 0:
            for _ in range(times):
                watcher.look(monotonic_us())


def main() -> None:
    """Measure and print."""
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    idle = [sleeper("3600") for _ in range(max(0, FULL - len(psutil.pids())))]
    all_of_them, ours_s, naive_s = watchers(), 0.0, 0.0
    try:
        for number in range(-WARM_SECONDS, seconds):
            passing = [sleeper("0.01") for _ in range(2)]
            ours = _cpu_s(partial(a_second, all_of_them, number))
            naive = _cpu_s(look_at_everything)
            if number >= 0:
                ours_s, naive_s = ours_s + ours, naive_s + naive
            for process in passing:
                process.wait()
    finally:
        _end(idle)
    ours_ms, naive_ms = ours_s / seconds * 1000, naive_s / seconds * 1000
    print(f"{FULL} processes, {seconds} seconds: {ours_ms:.2f} ms CPU a second, all watchers")
    result = {
        "bench": "guard_beats",
        "ours": round(ours_ms, 3),
        "anchor": round(naive_ms, 3),
        "ratio": round(ours_ms / naive_ms, 3),
        "unit": "ms CPU a second",
    }
    print(json.dumps(result))


def _cpu_s(work: Callable[[], object]) -> float:
    began_s = time.thread_time()
    work()
    return time.thread_time() - began_s


def _end(idle: list[subprocess.Popen[bytes]]) -> None:
    for process in idle:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
