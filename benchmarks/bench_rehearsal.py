"""Ten minutes of exam in real time: frames, sound, the desk's event loop, memory of both processes.

Ours is the longest wait of the desk's event loop while recording, in ms; the anchor is the bound
of 50 ms. What else the issue asks is printed before: dropped frames, overflows, memory growth
after the first two minutes. `python -m benchmarks.bench_rehearsal 120` measures two minutes only.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from zhishiyun_client.app.desk_state import DeskState
from zhishiyun_client.app.recorder_address import read_address
from zhishiyun_client.runtime.programs import client_command

LEAD_S = 75  # from the start of the rehearsal to T0: the pages take about half of it
SETTLED_S = 120.0
LOOK_EVERY_S = 2.0
BOUND_MS = 50
ANSWER_S = 600
MIB = 1024 * 1024


def main() -> int:
    """Rehearse notice A; an exam shorter than ten minutes by a faster clock."""
    wanted_s = float(sys.argv[1]) if len(sys.argv) > 1 else float(ANSWER_S)
    speed = ANSWER_S / wanted_s
    with tempfile.TemporaryDirectory() as place:
        words = ["--notice", "a", "--auto", "--json", "--devices", "demonstration"]
        words += ["--speed", str(speed), "--starts-in", str(round(LEAD_S * speed))]
        rehearsal = subprocess.Popen(
            client_command("rehearse", *words, "--keep", place), stdout=subprocess.PIPE, text=True
        )
        home = Path(place) / "home"
        memory = _watch_memory(home, rehearsal)
        said = (rehearsal.stdout.read() if rehearsal.stdout else "").strip().splitlines()
        rehearsal.wait()
        outcome: dict[str, Any] = json.loads(said[-1])
        loop = json.loads((home / "loop.json").read_text("ascii"))
    print(json.dumps({"tracks": outcome["tracks"], "loop": loop, **_growth(memory)}))
    verified = outcome["upload"]["verified"]
    ours = float(loop["max_ms"])
    result = {"bench": "rehearsal", "ours": ours, "anchor": BOUND_MS, "ratio": ours / BOUND_MS}
    print(json.dumps({**result, "unit": "ms", "verified": verified}))
    return 0 if verified else 1


def _watch_memory(home: Path, rehearsal: subprocess.Popen[str]) -> list[tuple[float, int]]:
    """Resident bytes of desk and recorder together, once both are there."""
    samples: list[tuple[float, int]] = []
    while rehearsal.poll() is None:
        time.sleep(LOOK_EVERY_S)
        address = read_address(home)
        pids = (DeskState(home).running_pid(), address.recorder_pid if address else None)
        try:
            both = [psutil.Process(pid).memory_info().rss for pid in pids if pid is not None]
        except psutil.Error:
            continue
        if len(both) == len(pids):
            samples.append((time.monotonic(), sum(both)))
    return samples


def _growth(samples: list[tuple[float, int]]) -> dict[str, float]:
    began_s = samples[0][0]
    settled = [rss for at_s, rss in samples if at_s - began_s >= SETTLED_S] or [samples[-1][1]]
    return {
        "resident_mib": round(max(rss for _, rss in samples) / MIB, 1),
        "grown_mib": round((settled[-1] - settled[0]) / MIB, 1),
    }


if __name__ == "__main__":
    sys.exit(main())
