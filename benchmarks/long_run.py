"""The longest exam at real time: notice B, art, 125 minutes; memory, processor, drops, size, drift.

`python -m benchmarks.long_run [--out DIR] [--speed 1] [--ppm 50]`. A candidate program operates the
real desk; the devices tell the time of one clock (tests/rigs/beacon), so that the exported files
show how far sound and pictures lie apart after two hours. Every ten seconds a line is added to
`samples.jsonl`, and `summary.json` and `summary.md` are written anew: whatever ends the run,
what was measured is there.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, cast

import msgspec
import psutil

from benchmarks.long_summary import as_markdown, summarise
from tests.journeys.stage import Stage
from tests.rigs.beacon.in_step import in_step
from tests.rigs.beacon.losses import complaints, unexplained
from tests.rigs.beacon.reading import read_export
from tests.rigs.beacon.scene import BeaconScene
from tests.rigs.beacon.sitting import Surroundings
from zhishiyun_client.app.desk_state import DeskState
from zhishiyun_client.app.rehearsal_server import ART
from zhishiyun_client.rehearsal.desktop import DesktopSize
from zhishiyun_client.runtime.paths import private_folder
from zhishiyun_protocol.evidence.chain import ChainFollower
from zhishiyun_protocol.evidence.contents import End, Quality
from zhishiyun_protocol.evidence.layout import Kind

EVERY_S = 10.0
MIB = 1024 * 1024
SIZE = DesktopSize(1920, 1080)
NOTED = ("frames", "dropped", "late", "overflows")


@dataclass
class LogTail:
    """Follows an evidence log as it grows: the newest counts, and where the ladder stands."""

    counts: list[dict[str, int]] = field(default_factory=list)
    rung: str = ""
    bytes: int = 0
    _follower: ChainFollower = field(default_factory=ChainFollower)
    _file: BinaryIO | None = None

    def look(self, home: Path) -> None:
        """Read what has come since."""
        if self._file is None:
            found = sorted((home / "attempts").glob("*/*.zlog"))
            if not found:
                return
            self._file = found[0].open("rb")
        while piece := self._file.read(MIB):
            self.bytes += len(piece)
            for record in self._follower.feed(piece):
                kind = record.header.kind
                if kind == Kind.QUALITY:
                    told: Quality | End = msgspec.json.decode(record.payload, type=Quality)
                    self.rung = cast(Quality, told).rung
                elif kind == Kind.END:
                    told = msgspec.json.decode(record.payload, type=End)
                else:
                    continue
                if told.counts:
                    self.counts = msgspec.to_builtins(told.counts)


class Observer:
    """Samples desk and recorder until the desk has left."""

    def __init__(self, stage: Stage, out: Path) -> None:
        self._stage = stage
        self._out = out
        self._log = LogTail()
        self._processes: dict[str, psutil.Process] = {}
        self.samples: list[dict[str, Any]] = []

    def watch(self, until_s: float) -> None:
        """One sample every ten seconds."""
        began_s = time.monotonic()
        next_s = began_s
        left = DeskState(self._stage.home).has_left
        while not left() and time.monotonic() < until_s:
            next_s += EVERY_S
            sample = {"at_s": round(time.monotonic() - began_s, 1), **self._look()}
            self.samples.append(sample)
            with (self._out / "samples.jsonl").open("a", encoding="utf-8") as file:
                file.write(json.dumps(sample) + "\n")
            keep(self._out, summarise(self.samples))
            while not left() and time.monotonic() < next_s:
                time.sleep(0.2)

    def _look(self) -> dict[str, Any]:
        self._log.look(self._stage.home)
        pids = {"desk": self._stage.desk_pid(), "recorder": self._stage.recorder_pid()}
        return {
            "phase": (self._stage.phases() or [""])[-1],
            **{name: self._process(name, pid) for name, pid in pids.items()},
            "log_mib": round(self._log.bytes / MIB, 2),
            "rung": self._log.rung,
            "counts": [
                {k: v for k, v in it.items() if k in ("track", *NOTED)} for it in self._log.counts
            ],
            "load": round(os.getloadavg()[0], 2),
        }

    def _process(self, name: str, pid: int) -> dict[str, float] | None:
        with suppress(psutil.Error):
            known = self._processes.get(name)
            if known is None or known.pid != pid:
                known = self._processes[name] = psutil.Process(pid)
            with known.oneshot():
                times = known.cpu_times()
                return {
                    "pid": pid,
                    "rss_mib": round(known.memory_info().rss / MIB, 1),
                    "cpu_s": round(times.user + times.system, 2),
                    "threads": known.num_threads(),
                    "files": known.num_fds(),
                }
        return None


def main() -> int:
    """Run it once."""
    parser = argparse.ArgumentParser(prog="long-run", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("out/long-run"))
    parser.add_argument("--speed", type=float, default=1.0, help="of the exam's clock")
    parser.add_argument("--ppm", type=float, default=50.0, help="the sound card's crystal")
    parser.add_argument("--hours", type=float, default=3.0, help="give up after so long")
    wishes = parser.parse_args()
    out: Path = wishes.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    (out / "samples.jsonl").unlink(missing_ok=True)
    until_s = time.monotonic() + wishes.hours * 3600
    with (
        BeaconScene(wishes.ppm, SIZE) as scene,
        Surroundings(scene.environment),
        Stage(
            private_folder(out / "files"),
            cast(Any, scene),
            notice="b",
            subject=ART,
            speed=wishes.speed,
        ) as stage,
    ):
        stage.begin()
        observer = Observer(stage, out)
        observer.watch(until_s)
        summary = {**summarise(observer.samples), **_ending(stage)}
        keep(out, summary)
        summary |= _files(summary)
    summary["voice"] = scene.voice_said
    keep(out, summary)
    print(json.dumps(summary))
    return 0 if summary.get("verified") else 1


def _ending(stage: Stage) -> dict[str, Any]:
    """What the rehearsal came to, and the desk's event loop."""
    outcome = stage.outcome()
    loop = stage.home / "loop.json"
    return {
        "verified": outcome["upload"]["verified"],
        "faults": outcome.get("faults"),
        "tracks": outcome["tracks"],
        "loop": json.loads(loop.read_text("ascii")) if loop.is_file() else None,
        "exported": outcome["exported"],
    }


def _files(summary: dict[str, Any]) -> dict[str, Any]:
    """What the exported files say; takes minutes."""
    if not summary["exported"]:
        return {}
    folder = Path(summary["exported"][0]).parent
    recording = read_export(folder)
    return {
        "in_step": in_step(recording).told(),
        "complaints": complaints(folder),
        "unexplained": unexplained(recording),
    }


def keep(out: Path, summary: dict[str, Any]) -> None:
    """Write the summary in both forms."""
    (out / "summary.json").write_text(json.dumps(summary, indent=1) + "\n", "utf-8")
    (out / "summary.md").write_text(as_markdown(summary), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
