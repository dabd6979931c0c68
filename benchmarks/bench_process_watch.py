"""CPU of our process watch against the plain loop over name, exe and command line of everything.

On Windows the files' identities are read too, as the client does there.
Both look at the same machine at the same beats, interleaved; CPU is this thread's, per beat.
Run: python benchmarks/bench_process_watch.py [beats]. The last line is JSON.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import time
from pathlib import Path

import psutil

from zhishiyun_client.guard.catalogue import load_catalogue
from zhishiyun_client.guard.processes import ProcessWatch, ask_by_signal
from zhishiyun_client.guard.systems.here import identify_here
from zhishiyun_protocol.plan import Guarding

LIST = Path(__file__).parents[1] / "resources" / "guard" / "list.toml"
BEATS = 64
WARM_BEATS = 4
# A person's machine runs some hundred processes; a bare container is filled up to this.
FULL = 60 if sys.platform == "win32" else 200


def look_at_everything() -> list[tuple[str, str, list[str]]]:
    """The anchor: what most programs do at every beat."""
    found = []
    for process in psutil.process_iter():
        try:
            found.append((process.name(), process.exe(), process.cmdline()))
        except psutil.Error:
            continue
    return found


def main() -> None:
    """Measure and print."""
    beats = int(sys.argv[1]) if len(sys.argv) > 1 else BEATS
    idle = [sleeper("3600") for _ in range(max(0, FULL - len(psutil.pids())))]
    beat = itertools.count()  # a beat is a second of the watch's clock; nobody waits for it here
    watch = ProcessWatch(
        load_catalogue(LIST, sys.platform),
        Guarding(),
        ask_by_signal,
        lambda: float(next(beat)),
        identify_here(),
    )
    ours_s = anchor_s = 0.0
    for _ in range(WARM_BEATS):  # the first look reads everything; both start warm
        watch.running()
        look_at_everything()
    try:
        for _ in range(beats):
            passing = [sleeper("0.01") for _ in range(2)]  # programs come and go
            started_s = time.thread_time()
            watch.running()
            ours_s += time.thread_time() - started_s
            started_s = time.thread_time()
            look_at_everything()
            anchor_s += time.thread_time() - started_s
            for process in passing:
                process.wait()
    finally:
        for process in idle:
            process.terminate()
            process.wait()
    ours_ms, anchor_ms = ours_s / beats * 1000, anchor_s / beats * 1000
    print(f"{len(psutil.pids()) + len(idle)} processes, {beats} beats, 2 new programs a beat")
    result = {
        "bench": "process_watch",
        "ours": round(ours_ms, 3),
        "anchor": round(anchor_ms, 3),
        "ratio": round(ours_ms / anchor_ms, 3),
        "unit": "ms CPU a beat",
    }
    print(json.dumps(result))


def sleeper(seconds: str) -> subprocess.Popen[bytes]:
    """A program that waits; on Windows for a key, which nobody presses, or not at all."""
    if sys.platform == "win32":
        waits = "pause" if float(seconds) > 1 else "exit"
        return subprocess.Popen(
            ["cmd", "/c", waits], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
        )
    return subprocess.Popen(["sleep", seconds])


if __name__ == "__main__":
    main()
