"""Kills desk and recorder at random moments of real interviews and counts what was lost (issue 3).

`python -m benchmarks.campaign_recorder [--recorder 40] [--desk 10] [--power 40] [--minutes 15]`.
The camera, the microphone and the screen tell the time of one clock, a candidate program operates
the real desk, the exam's server takes the recording and exports it, and the exported files are
decoded: what they hold last is compared with what was shown at the instant of the kill.
Rehearsals follow one another until the counts are reached or the time is over. The last line is
JSON; the exit code is 0 when every bound of the issue held.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import psutil

from benchmarks.power_cuts import PowerCuts
from tests.faults.stage import DeskStandIn
from tests.journeys.stage import Stage
from tests.rigs.beacon.losses import Losses, causeless, complaints, frames_missing, unexplained
from tests.rigs.beacon.reading import read_export
from tests.rigs.beacon.scene import BeaconScene
from tests.rigs.beacon.sitting import Surroundings
from zhishiyun_client.ports.recorder import Finish
from zhishiyun_client.runtime.paths import private_folder
from zhishiyun_protocol.plan import Recording as Wanted

FIRST_S, LAST_S = 0.1, 5.0  # after the recorder is up: also while it still opens its devices
DESK_REST_S = (1.0, 5.0)
UP_WITHIN_S = 40.0
DESK_BY_HAND_S = 4.0  # the recorder starts a desk later each time; a person presses sooner
AT_THE_KILL_S = 1.0  # what is missing then, the kill has cost …
STARTING_S = 5.0  # … and then it is the new desk, which needs a core to start
CLOSING_PHASES = {"ending", "uploading", "receipt"}
BOUNDS_MS = {"median": 100, "most": 250}
AWAY_MS = 3000


@dataclass
class Score:
    """What all rehearsals together came to."""

    losses: Losses = field(default_factory=Losses)
    desk_kills: int = 0
    desk_frames_lost: int = 0
    desk_frames_late: int = 0
    desk_frames: int = 0
    desk_sound_breaks: int = 0
    faults: list[str] = field(default_factory=list)
    gaps_without_cause: int = 0
    rehearsals: int = 0
    loads: list[float] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "rehearsals": self.rehearsals,
            "recorder": self.losses.told(),
            "desk": {
                "kills": self.desk_kills,
                "frames_lost": self.desk_frames_lost,
                "frames_missing_while_it_starts": self.desk_frames_late,
                "frames_of_all_recordings": self.desk_frames,
                "sound_breaks": self.desk_sound_breaks,
            },
            "faults": self.faults,
            "gaps_without_cause": self.gaps_without_cause,
            "load": [round(min(self.loads), 1), round(max(self.loads), 1)] if self.loads else [],
        }

    def keeps_the_bounds(self) -> bool:
        """Whether everything that issue 3 asks held."""
        told = self.losses.told()
        heard = [told["lost_ms"][track] for track in ("camera", "microphone")]
        back = [told["away_ms"][track] for track in ("camera", "microphone")]
        return (
            not self.faults
            and self.desk_frames_lost == 0
            and self.desk_sound_breaks == 0
            and all(each.get(name, 0) <= ms for each in heard for name, ms in BOUNDS_MS.items())
            and all(each.get("most", 0) <= AWAY_MS for each in back)
        )


class Interview:
    """One rehearsal in which desk and recorder die again and again."""

    def __init__(self, stage: Stage, chance: random.Random, score: Score) -> None:
        self._stage = stage
        self._chance = chance
        self._score = score
        self._recorder_kills_s: list[float] = []
        self._desk_kills_s: list[float] = []

    def run(self, recorder: int, desk: int, until_s: float) -> tuple[int, int]:
        """Kill until the counts, the time or the interview end; how many of each there were."""
        self._stage.begin()
        self._stage.reaches("waiting", within_s=300)
        while time.monotonic() < until_s and not self._is_closing():
            left = (recorder - len(self._recorder_kills_s), desk - len(self._desk_kills_s))
            if sum(left) <= 0:
                break
            if self._chance.random() * sum(left) < left[0]:
                self._kill_recorder()
            else:
                self._kill_desk()
            self._score.loads.append(os.getloadavg()[0])
            print(
                f"  recorder {len(self._recorder_kills_s)}, desk {len(self._desk_kills_s)}",
                end="\r",
                flush=True,
            )
        self._end()
        self._judge()
        return len(self._recorder_kills_s), len(self._desk_kills_s)

    def _end(self) -> None:
        """Hand in what there is, instead of waiting for the end of the exam."""
        if not self._is_closing():
            desk = self._stage.desk_pid()
            with DeskStandIn(self._stage.home) as stand_in:  # it starts no desk again
                if desk and psutil.pid_exists(desk):
                    _kill(desk)
                stand_in.until("the recorder's line", lambda s: s.state == "recording", 60)
                stand_in.say(Finish(why="candidate"))
                stand_in.until("the receipt", lambda s: s.state == "done", 300)
            return
        self._stage.leaves(within_s=300)

    def _is_closing(self) -> bool:
        return bool(CLOSING_PHASES & set(self._stage.phases()[-1:]))

    def _kill_recorder(self) -> None:
        before = self._stage.recorder_pid()
        time.sleep(self._chance.uniform(FIRST_S, LAST_S))
        if self._is_closing():
            return
        self._recorder_kills_s.append(_kill(before))
        _wait(lambda: _is_another(self._stage.recorder_pid(), before))

    def _kill_desk(self) -> None:
        time.sleep(self._chance.uniform(*DESK_REST_S))
        before = self._stage.desk_pid()
        if self._is_closing() or not before:
            return
        phases = len(self._stage.phases())
        self._desk_kills_s.append(_kill(before))
        if not _wait(lambda: _is_another(self._stage.desk_pid(), before), DESK_BY_HAND_S):
            self._stage.begin()
        _wait(lambda: len(self._stage.phases()) > phases)

    def _judge(self) -> None:
        score = self._score
        score.rehearsals += 1
        outcome = self._stage.outcome()
        if not outcome["upload"]["verified"] or outcome["faults"]:
            score.faults.append(f"not verified: {outcome.get('faults')}")
        folder = Path(outcome["exported"][0]).parent
        recording = read_export(folder)
        score.faults += complaints(folder)
        score.faults += unexplained(recording)
        score.gaps_without_cause += causeless(recording)
        score.losses.add(recording, self._recorder_kills_s)
        kills = {"recorder_s": self._recorder_kills_s, "desk_s": self._desk_kills_s}
        (folder / "kills.json").write_text(json.dumps(kills), "ascii")
        score.desk_kills += len(self._desk_kills_s)
        fps = Wanted().camera_fps
        score.desk_frames += len(recording.pictures["camera"])
        for at_s, count in frames_missing(recording, fps):
            if self._is_near(at_s, AT_THE_KILL_S):
                score.desk_frames_lost += count
            elif self._is_near(at_s, STARTING_S):
                score.desk_frames_late += count
        breaks = [stretch.run.on_the_clock(stretch.ends_file_s) for stretch in recording.stretches]
        score.desk_sound_breaks += sum(self._is_near(at_s, STARTING_S) for at_s in breaks[:-1])

    def _is_near(self, at_s: float, within_s: float) -> bool:
        """Whether a desk had been killed then, and the recorder had not."""
        near_desk = any(0 <= at_s + 0.2 - kill_s <= within_s for kill_s in self._desk_kills_s)
        near_recorder = any(-0.5 <= at_s - kill_s <= 4 for kill_s in self._recorder_kills_s)
        return near_desk and not near_recorder


def _is_another(pid: int, before: int) -> bool:
    return pid not in (0, before) and psutil.pid_exists(pid)


def _kill(pid: int) -> float:
    """SIGKILL; the instant."""
    process = psutil.Process(pid)
    process.kill()
    return time.monotonic()


def _wait(holds: Any, within_s: float = UP_WITHIN_S) -> bool:
    deadline_s = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > deadline_s:
            return False
        time.sleep(0.02)
    return True


def main() -> int:
    """Run the campaign."""
    wishes = _wishes()
    chance = random.Random(wishes.seed)
    score = Score()
    until_s = time.monotonic() + wishes.minutes * 60
    recorder, desk = wishes.recorder, wishes.desk
    with BeaconScene() as scene, Surroundings(scene.environment):
        while recorder + desk > 0 and time.monotonic() < until_s:
            with (
                _folder(wishes.keep, score.rehearsals) as folder,
                Stage(
                    folder, cast(Any, scene), speed=wishes.speed
                ) as stage,  # stands for stand-ins
            ):
                killed = Interview(stage, chance, score).run(recorder, desk, until_s)
            recorder, desk = recorder - killed[0], desk - killed[1]
            print(json.dumps(score.told()), flush=True)
        told, held = score.told(), score.keeps_the_bounds()
        if wishes.power:
            cuts = PowerCuts(chance)
            cuts.run(wishes.power, until_s)
            told["power"] = cuts.told()
            held = held and cuts.keeps_the_bounds()
    told["held"] = held
    words = json.dumps(told)
    if wishes.out:
        wishes.out.write_text(words + "\n", "utf-8")
    print(words)
    return 0 if held else 1


@contextmanager
def _folder(keep: Path | None, number: int) -> Iterator[Path]:
    if keep is not None:
        yield private_folder(keep.resolve() / str(number))
        return
    with tempfile.TemporaryDirectory(prefix="campaign-") as made:
        yield Path(made)


def _wishes() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="campaign-recorder", description=__doc__)
    parser.add_argument("--recorder", type=int, default=40, help="kills of the recorder")
    parser.add_argument("--desk", type=int, default=10, help="kills of the desk")
    parser.add_argument("--power", type=int, default=40, help="power cuts")
    parser.add_argument("--minutes", type=float, default=15.0, help="no longer than about this")
    parser.add_argument("--speed", type=float, default=1.0, help="of the exam's clock")
    parser.add_argument("--seed", type=int, default=None, help="of the moments")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep all files of the interviews")
    parser.add_argument("--out", type=Path, help="the result as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
