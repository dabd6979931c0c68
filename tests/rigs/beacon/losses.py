"""What a kill cost: what was shown up to that instant against what the exported files hold."""

from __future__ import annotations

import shutil
import statistics
import subprocess
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.rigs.beacon import film, window_numbers
from tests.rigs.beacon.marks import SOUND_HZ
from tests.rigs.beacon.reading import GOOD_FIT, PIECE_S, Recording, Stretch
from zhishiyun_client.evidence.book import HOLE_US
from zhishiyun_protocol.evidence.contents import Cause
from zhishiyun_protocol.evidence.layout import Track

SLACK_S = 0.3  # beside a gap: half a block of sound, a picture that stands
TRACKS = ("camera", "microphone", "screen")
_AS_IT_COMES = ("-fps_mode", "vfr", "-f", "null")  # an even rate is nothing that was promised


@dataclass(frozen=True)
class Piece:
    """Something recorded without a break, by what it says itself, CLOCK_MONOTONIC."""

    begins_s: float
    ends_s: float


@dataclass
class Losses:
    """Over all kills, ms. A kill before anything was recorded again cost nothing more.

    lost: from the last thing shown that the files hold to the kill
    away: from the kill to the first thing that they hold again
    """

    lost: dict[str, list[float]] = field(default_factory=lambda: {it: [] for it in TRACKS})
    away: dict[str, list[float]] = field(default_factory=lambda: {it: [] for it in TRACKS})
    kills: int = 0
    before_anything: int = 0

    def add(self, recording: Recording, kills_s: Sequence[float]) -> None:
        """Take a recording in which these kills fell."""
        self.kills += len(kills_s)
        pieces = pieces_of(recording)
        for place, kill_s in enumerate(kills_s):
            since_s = kills_s[place - 1] if place else float("-inf")
            until_s = kills_s[place + 1] if place + 1 < len(kills_s) else float("inf")
            if self._add_kill(pieces, kill_s, since_s, until_s):
                self.before_anything += 1

    def _add_kill(
        self, pieces: dict[str, list[Piece]], kill_s: float, since_s: float, until_s: float
    ) -> bool:
        nothing = True
        for track, found in pieces.items():
            at = bisect_right([it.begins_s for it in found], kill_s)
            if at and found[at - 1].begins_s > since_s:
                nothing = False
                self.lost[track].append((kill_s - found[at - 1].ends_s) * 1000)
                if at < len(found) and found[at].begins_s < until_s:
                    self.away[track].append((found[at].begins_s - kill_s) * 1000)
        return nothing

    def told(self) -> dict[str, Any]:
        """For JSON and the table."""
        return {
            "kills": self.kills,
            "before_anything": self.before_anything,
            "lost_ms": {track: distribution(values) for track, values in self.lost.items()},
            "away_ms": {track: distribution(values) for track, values in self.away.items()},
        }


def distribution(values: Sequence[float]) -> dict[str, float]:
    """Count, least, median, 90th, 99th of a hundred, most."""
    if not values:
        return {"count": 0}
    ordered = sorted(values)
    last = len(ordered) - 1
    return {
        "count": len(ordered),
        "least": round(ordered[0]),
        "median": round(statistics.median(ordered)),
        "p90": round(ordered[round(last * 0.9)]),
        "p99": round(ordered[round(last * 0.99)]),
        "most": round(ordered[-1]),
    }


def pieces_of(recording: Recording) -> dict[str, list[Piece]]:
    """Every picture, and every stretch of sound, as long as it was on by its own word."""
    lasts_s = {"camera": 1 / film.FPS, "screen": 1 / window_numbers.FPS}
    pieces = {
        track: [Piece(it.shown_s, it.shown_s + lasts_s[track]) for it in pictures]
        for track, pictures in recording.pictures.items()
    }
    sounds = []
    for stretch in recording.stretches:
        length_s = len(stretch.samples) / SOUND_HZ
        piece_s = min(PIECE_S, length_s)
        last_s = _heard_s(stretch, length_s - piece_s)
        sounds.append(Piece(_heard_s(stretch, 0.0), last_s + piece_s))
    pieces["microphone"] = sounds
    return {track: sorted(pieces[track], key=lambda it: it.begins_s) for track in TRACKS}


def _heard_s(stretch: Stretch, after_s: float) -> float:
    """When a piece was heard; by its place where a coder that just begins has left too little."""
    placed_s, heard_s, fit = stretch.heard(after_s)
    return heard_s if fit >= GOOD_FIT else placed_s


def unexplained(recording: Recording) -> list[str]:
    """Holes in the files that no gap of the log covers."""
    found = []
    for track in (Track.CAMERA, Track.MICROPHONE, Track.SCREEN):
        name = track.name.lower()
        gaps = sorted(
            (gap["from_us"] / 1e6, gap["to_us"] / 1e6)
            for gap in recording.timeline["gaps"]
            if int(track) in gap["tracks"]
        )
        for begins_s, ends_s in _holes(recording, name, HOLE_US[track] / 1e6):
            bare_s = ends_s - begins_s - _covered(gaps, begins_s, ends_s)
            if bare_s > HOLE_US[track] / 1e6 + SLACK_S:
                found.append(f"{name}: {bare_s:.2f} s of {begins_s:.2f}–{ends_s:.2f}")
    return found


def causeless(recording: Recording) -> int:
    """Gaps of which the log does not know why: on a busy machine nobody may have looked."""
    return sum(gap["cause"] == Cause.UNKNOWN for gap in recording.timeline["gaps"])


def _holes(recording: Recording, name: str, longer_s: float) -> list[tuple[float, float]]:
    if name == "microphone":
        edges = [(it.file_s, it.ends_file_s) for it in recording.stretches]
    else:
        edges = [(it.file_s, it.file_s) for it in recording.pictures[name]]
    return [
        (before[1], after[0])
        for before, after in pairwise(edges)
        if after[0] - before[1] > longer_s
    ]


def _covered(gaps: list[tuple[float, float]], begins_s: float, ends_s: float) -> float:
    total_s, reached_s = 0.0, begins_s
    for from_s, to_s in gaps:
        more_s = min(to_s, ends_s) - max(from_s, reached_s)
        if more_s > 0:
            total_s, reached_s = total_s + more_s, min(to_s, ends_s)
    return total_s


def complaints(folder: Path) -> list[str]:
    """What ffprobe and ffmpeg say of the exported files; nothing when they play whole."""
    said = []
    for path in sorted(folder.glob("*.mp4")):
        for command in (
            ["ffprobe", "-v", "error", "-show_streams", "-show_format", str(path)],
            ["ffmpeg", "-v", "error", "-xerror", "-i", str(path), *_AS_IT_COMES, "-"],
        ):
            if shutil.which(command[0]) is None:
                continue
            answer = subprocess.run(command, capture_output=True, check=False)
            if answer.returncode or answer.stderr:
                said.append(f"{path.name}: {command[0]}: {answer.stderr.decode()[:200]}")
    return said


def frames_missing(recording: Recording, fps: float) -> list[tuple[float, int]]:
    """Where camera pictures are missing that were due: place, monotonic s, and how many."""
    pictures = recording.pictures["camera"]
    missing = []
    for before, after in pairwise(pictures):
        count = round((after.shown_s - before.shown_s) * fps) - 1
        if count > 0:
            missing.append((before.shown_s, count))
    return missing
