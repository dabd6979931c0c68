"""A rehearsal in which desk and recorder together have a part of one core and one GiB.

Server, virtual devices and the rehearsal itself stay outside the control group. Less than half a
core is given from the moment the recording runs: with less the device checks do not pass, and that
is what they are for. Told are the sound that is missing, the camera's pictures on every rung
against what the rung promises, the ladder's steps from the log, and what the group used. Ours is
the share of seconds in which sound is whole, the anchor 1.
`python -m benchmarks.bench_quota --cores 0.25 --seconds 600` for other runs.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import psutil

from benchmarks.control_group import ControlGroup
from zhishiyun_client.app.desk_state import DeskState
from zhishiyun_client.app.recorder_address import read_address
from zhishiyun_client.capture.rungs import PLACE, RUNGS
from zhishiyun_client.runtime.programs import client_command
from zhishiyun_protocol.evidence.contents import Cause, Gap, Quality
from zhishiyun_protocol.evidence.layout import Kind, Record, Track
from zhishiyun_protocol.evidence.verify import Verdict, Verifier

ANSWER_S = 600  # what notice A gives to answer
LEAD_S = 170  # the pages on a slow machine take twice what they usually take
MEMORY_BYTES = 1 << 30
PREPARING_CORES = 0.5
PIECE_BYTES = 1 << 20
US = 1_000_000
PICTURES_ENOUGH = 0.95
STEPS_TOLD = 40


@dataclass
class Told:
    """What the log says, rung by rung."""

    seconds: dict[str, float] = field(default_factory=dict)
    pictures: Counter[str] = field(default_factory=Counter)
    steps: list[tuple[float, str, str]] = field(default_factory=list)
    sound_gap_s: float = 0.0
    rung: str = ""
    since_us: int = 0
    began_us: int = 0

    def hear(self, record: Record) -> None:
        """Take one record."""
        header = record.header
        if header.kind == Kind.PACKET and header.track == Track.CAMERA and self.rung:
            self.pictures[self.rung] += 1
        elif header.kind == Kind.GAP:
            gap = msgspec.json.decode(record.payload, type=Gap)
            if Track.MICROPHONE in gap.tracks and gap.cause is not Cause.START:
                self.sound_gap_s += (gap.to_us - gap.from_us) / US
        elif header.kind == Kind.QUALITY:
            quality = msgspec.json.decode(record.payload, type=Quality)
            self._stand(quality, header.monotonic_us)

    def _stand(self, quality: Quality, at_us: int) -> None:
        if self.rung:
            stood_s = (at_us - self.since_us) / US
            self.seconds[self.rung] = self.seconds.get(self.rung, 0.0) + stood_s
        else:
            self.began_us = at_us
        if quality.rung != self.rung:
            self.steps.append(((at_us - self.began_us) / US, quality.rung, quality.why))
        self.rung, self.since_us = quality.rung, at_us

    def kept(self) -> dict[str, float]:
        """Camera pictures against those that each rung promises."""
        return {
            name: round(self.pictures[name] / (seconds * RUNGS[PLACE[name]].camera_fps), 3)
            for name, seconds in self.seconds.items()
            if seconds >= 1
        }


def main() -> int:
    """Rehearse once and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cores", type=float, default=0.5)
    parser.add_argument("--seconds", type=float, default=120.0)
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as place,
        ControlGroup(max(asked.cores, PREPARING_CORES), MEMORY_BYTES) as group,
    ):
        outcome, used_cores, resident = _rehearse(Path(place), asked.seconds, asked.cores, group)
        verdict, told = _read(Path(outcome["evidence_log"]))
    _print(asked.cores, outcome, told, used_cores, resident)
    sound = next(track for track in verdict.coverage if track.track == "microphone")
    share = round(sound.covered / sound.seconds, 4)
    result = {"bench": "quota", "ours": share, "anchor": 1, "ratio": share}
    print(json.dumps({**result, "unit": "share of seconds with whole sound"}))
    return 0 if outcome["upload"]["verified"] else 1


def _rehearse(
    place: Path, seconds: float, cores: float, group: ControlGroup
) -> tuple[dict[str, Any], float, int]:
    """The outcome, the cores used and the most resident bytes of desk and recorder together."""
    speed = ANSWER_S / seconds
    words = ["--notice", "a", "--auto", "--json", "--devices", "demonstration"]
    words += ["--speed", str(speed), "--starts-in", str(round(LEAD_S * speed))]
    home = place / "home"
    process = subprocess.Popen(
        client_command("rehearse", *words, "--keep", str(place)), stdout=subprocess.PIPE, text=True
    )
    began_s, most, records = 0.0, 0, False
    used: dict[int, float] = {}
    while process.poll() is None:
        time.sleep(0.1 if not began_s else 1.0)
        for pid in _pids(home) - group.pids():
            group.take(pid)
            began_s = began_s or time.monotonic()
        if not records and any(home.glob("attempts/*/*.zlog")):
            records = True
            group.limit(cores)
        resident = 0
        for pid in group.pids():
            try:
                one = psutil.Process(pid)
                resident += one.memory_info().rss
                used[pid] = sum(one.cpu_times()[:2])
            except psutil.NoSuchProcess:
                continue
        most = max(most, resident)
    said = process.stdout.read() if process.stdout else ""
    outcome: dict[str, Any] = json.loads(said.strip().splitlines()[-1])
    return outcome, sum(used.values()) / (time.monotonic() - began_s), most


def _pids(home: Path) -> set[int]:
    """Desk and recorder, as far as they are there."""
    address = read_address(home) if home.is_dir() else None
    pids = {DeskState(home).running_pid(), address.recorder_pid if address else None}
    return {pid for pid in pids if pid is not None and psutil.pid_exists(pid)}


def _read(log: Path) -> tuple[Verdict, Told]:
    verifier, told = Verifier(), Told()
    with log.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            for record in verifier.records(piece):
                told.hear(record)
    return verifier.verdict(), told


def _print(
    cores: float, outcome: dict[str, Any], told: Told, used_cores: float, resident: int
) -> None:
    print(f"  {cores} core: used {used_cores:.3f} cores, {resident / (1 << 20):.0f} MiB at most")
    for name, track in outcome["tracks"].items():
        print(f"  {name}: {track}")
    print(f"  sound in gaps: {told.sound_gap_s:.2f} s")
    print(f"  the server has verified the upload: {outcome['upload']['verified']}")
    print(f"  seconds on each rung: { {name: round(s, 1) for name, s in told.seconds.items()} }")
    for name, share in told.kept().items():
        enough = "enough" if share >= PICTURES_ENOUGH else "FEWER than promised"
        print(f"  rung {name}: {share:.1%} of its camera pictures, {enough}")
    for at_s, rung, why in told.steps[:STEPS_TOLD]:
        print(f"    {at_s:7.1f} s  {rung:2}  {why}")


if __name__ == "__main__":
    sys.exit(main())
