"""The power goes at random instants of a recording: what an fsync promised is there, and goes on.

The recorder's process records real devices while a diary is kept of everything that it does to its
folder. For every cut the folder is made as the disk might have kept it (tests/rigs/power_cut.py),
and a recorder of another boot goes on in it, is ended, and the log is verified and exported with
the server's own code.
"""

from __future__ import annotations

import json
import os
import random
import tempfile
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from tests.faults.stage import KEY, DeskStandIn
from tests.rigs.beacon.losses import TRACKS, Losses, complaints, unexplained
from tests.rigs.beacon.reading import Recording, read_export
from tests.rigs.beacon.scene import MICROPHONE
from tests.rigs.beacon.sitting import Surroundings
from tests.rigs.power_cut import Diary, Mess
from zhishiyun_protocol.evidence.contents import Cause
from zhishiyun_server.evidence.remux import remux_track
from zhishiyun_server.evidence.unsealing import Unsealer

CAMERA = "camera:0"
MOST_LOST_MS = 2000
GO_ON_S = 0.5


@dataclass
class PowerCuts:
    """Cuts in one recording after another.

    Args:
        chance: chooses instants and what becomes of bytes that were not fsynced.
        record_s, cuts_each: of one recording.
    """

    chance: random.Random
    record_s: float = 12.0
    cuts_each: int = 20
    losses: Losses = field(default_factory=Losses)
    faults: list[str] = field(default_factory=list)
    messes: dict[str, int] = field(default_factory=dict)

    def run(self, count: int, until_s: float) -> None:
        """Cut so often, or until the time is over; the scene is in this process's environment."""
        while self.losses.kills < count and time.monotonic() < until_s:
            with tempfile.TemporaryDirectory(prefix="power-") as folder:
                place = Path(folder)
                diary = Diary(place, place / "home")
                began_s, ended_s = self._record(diary, place / "home")
                for number in range(min(self.cuts_each, count - self.losses.kills)):
                    if time.monotonic() > until_s:
                        return
                    cut_s = self.chance.uniform(began_s, ended_s)
                    self._cut(diary, place / f"cut-{number}", began_s, cut_s)
                    print(f"  power cuts {self.losses.kills}", end="\r", flush=True)

    def told(self) -> dict[str, Any]:
        """For JSON."""
        told = self.losses.told()
        told.pop("away_ms")  # how long a machine takes to boot is no matter of ours
        return {**told, "messes": self.messes, "faults": self.faults}

    def keeps_the_bounds(self) -> bool:
        """Whether no cut cost more than issue 3 allows, and every log is whole."""
        lost = self.losses.told()["lost_ms"]
        return not self.faults and all(
            lost[track].get("most", 0) <= MOST_LOST_MS for track in TRACKS
        )

    def _record(self, diary: Diary, home: Path) -> tuple[float, float]:
        """One recording with a diary; when it began and ended, monotonic s."""
        home.mkdir()
        preload = f"{os.environ['LD_PRELOAD']}:{diary.library}"
        with (
            Surroundings({**diary.environment, "LD_PRELOAD": preload}),
            DeskStandIn(home) as desk,
        ):
            desk.prepare(CAMERA, MICROPHONE)
            began_s = time.monotonic()
            desk.begin()
            desk.record_for(self.record_s)
            desk.abandon()
        return began_s, time.monotonic()

    def _cut(self, diary: Diary, place: Path, began_s: float, cut_s: float) -> None:
        mess = self.chance.choice(list(Mess))
        self.messes[mess] = self.messes.get(mess, 0) + 1
        home = place / "home"
        for name, content in diary.survivors(round(cut_s * 1e9), mess, self.chance).items():
            (home / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            (home / name).write_bytes(content)
            (home / name).chmod(0o600)
        home.mkdir(parents=True, exist_ok=True)
        boot = place / "boot_id"
        boot.write_text(f"{uuid.uuid4()}\n", "ascii")
        preload = f"{os.environ['LD_PRELOAD']}:{diary.library}"
        with Surroundings({"DIARY_BOOT": str(boot), "LD_PRELOAD": preload}):
            said = f"{mess} at {cut_s - began_s:.3f} s: "
            with DeskStandIn(home) as desk:
                desk.prepare(CAMERA, MICROPHONE)
                desk.begin()
                desk.record_for(GO_ON_S)
                verdict = desk.finish()
                log = desk.log
        if not verdict.is_whole:
            self.faults.append(said + ", ".join(verdict.faults))
        recording = export_log(log, KEY, place / "export")
        self.faults += [said + it for it in complaints(place / "export")]
        self.faults += [said + it for it in unexplained(recording)]
        self._count(recording, began_s, cut_s, said)

    def _count(self, recording: Recording, began_s: float, cut_s: float, said: str) -> None:
        before = self.losses.before_anything
        self.losses.add(recording, [cut_s])
        if self.losses.before_anything > before:
            for track in TRACKS:
                self.losses.lost[track].append((cut_s - began_s) * 1000)
        elif not any(gap["cause"] == Cause.POWER_LOST for gap in recording.timeline["gaps"]):
            self.faults.append(said + "no gap names the power cut")


def export_log(log: Path, key: bytes, out: Path) -> Recording:
    """A log as the server exports it, without a server that has received it."""
    work = out / ".work"
    work.mkdir(parents=True)
    opened = Unsealer(key, work).read([log.open("rb")])
    by_track: dict[int, list[Any]] = {}
    for stretch in opened.stretches:
        by_track.setdefault(int(stretch.track), []).append(stretch)
    for stretches in by_track.values():
        remux_track(stretches, out)
    gaps = msgspec.to_builtins(opened.verifier.verdict().gaps)
    timeline = {"runs": opened.runs, "gaps": gaps}
    (out / "timeline.json").write_text(json.dumps(timeline), "utf-8")
    return read_export(out)
