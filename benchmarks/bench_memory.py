"""Resident memory of desk, face check and recorder together, phase by phase of a rehearsal.

Notice A with demonstration devices, desktop 1920x1080; looked at every half second. *Resident*
counts a page in every process that has it, *own share* once over all. The sum is that of one
moment: the most in each phase. Ours is the most while answering, the anchor the bound of 450 MB.
`python -m benchmarks.bench_memory --seconds 120` answers longer.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from benchmarks.bench_rehearsal import LEAD_S
from zhishiyun_client.app.desk_state import DeskState
from zhishiyun_client.app.recorder_address import read_address
from zhishiyun_client.app.recorder_memory import STATE_FILE
from zhishiyun_client.domain.phases import Phase
from zhishiyun_client.runtime.programs import client_command

ANSWER_S = 600  # what notice A gives to answer
LOOK_EVERY_S = 0.5
BOUND_MB = 450
MB = 1_000_000

Sizes = dict[str, tuple[int, int]]
"""Of each process: resident and own share, bytes."""


def main() -> int:
    """Rehearse once and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    asked = parser.parse_args()
    speed = ANSWER_S / asked.seconds
    words = ["--notice", "a", "--auto", "--json", "--devices", "demonstration"]
    words += ["--size", "1920x1080"]
    words += ["--speed", str(speed), "--starts-in", str(round(LEAD_S * speed))]
    with tempfile.TemporaryDirectory() as place:
        rehearsal = subprocess.Popen(
            client_command("rehearse", *words, "--keep", place), stdout=subprocess.PIPE, text=True
        )
        most = _most_of_each_phase(Path(place) / "home", rehearsal)
        said = (rehearsal.stdout.read() if rehearsal.stdout else "").strip().splitlines()
    outcome = json.loads(said[-1])
    for phase, sizes in most.items():
        print(f"  {phase:18} {_words(sizes)}")
    ours = round(_resident(most[Phase.ANSWERING.value]) / MB)
    result = {"bench": "memory", "ours": ours, "anchor": BOUND_MB, "unit": "MB resident"}
    print(json.dumps({**result, "ratio": round(ours / BOUND_MB, 3)}))
    return 0 if outcome["upload"]["verified"] else 1


def _most_of_each_phase(home: Path, rehearsal: subprocess.Popen[str]) -> dict[str, Sizes]:
    most: dict[str, Sizes] = {}
    while rehearsal.poll() is None:
        time.sleep(LOOK_EVERY_S)
        sizes, phase = dict(_sizes(home)), _phase(home)
        if sizes and _resident(sizes) > _resident(most.get(phase, {})):
            most[phase] = sizes
    return most


def _phase(home: Path) -> str:
    try:
        return str(json.loads((home / STATE_FILE).read_bytes()).get("phase", ""))
    except (OSError, ValueError):
        return ""


def _sizes(home: Path) -> Iterator[tuple[str, tuple[int, int]]]:
    address = read_address(home) if home.is_dir() else None
    desk, recorder = DeskState(home).running_pid(), address.recorder_pid if address else None
    for pid in (desk, recorder):
        if pid is None or not psutil.pid_exists(pid):
            continue
        try:
            family = [psutil.Process(pid), *psutil.Process(pid).children()]
        except psutil.Error:
            continue
        for process in family:
            if process.pid == pid or process.pid not in (desk, recorder):
                yield from _size(process, "desk" if process.pid == desk else "")


def _size(process: psutil.Process, name: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Linux only: elsewhere nobody knows what is shared."""
    try:
        known = {"face-check", "recorder", "encoder-trial", "encode-cost", "sound-probe", "release"}
        name = name or next((word for word in process.cmdline() if word in known), "other")
        lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text("ascii").splitlines()
    except (psutil.Error, OSError):
        return
    kib = {line.split(":")[0]: int(line.split()[1]) for line in lines[1:]}
    yield name, (kib["Rss"] * 1024, kib["Pss"] * 1024)


def _resident(sizes: Sizes) -> int:
    return sum(resident for resident, _ in sizes.values())


def _words(sizes: Sizes) -> str:
    shares = [f"{name} {rss / MB:.0f} ({own / MB:.0f})" for name, (rss, own) in sizes.items()]
    own_share = sum(own for _, own in sizes.values())
    return f"{_resident(sizes) / MB:4.0f} MB ({own_share / MB:.0f}): {', '.join(shares)}"


if __name__ == "__main__":
    sys.exit(main())
