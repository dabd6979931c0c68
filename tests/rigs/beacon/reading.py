"""Reads an exported attempt back: what every picture and every piece of sound says about the time.

Times named `file_s` are of the exported files, that is of the attempt's timeline; `shown_s` are of
CLOCK_MONOTONIC, read from the picture or the sound itself. `Runs` turns one into the other.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from tests.rigs.beacon import film, window_numbers
from tests.rigs.beacon.marks import SOUND_HZ, SQUARES, heard_at, read

PIECE_S = 0.1  # of sound, enough to tell when it was heard
GOOD_FIT = 0.8
JOINS_S = 0.0015  # blocks of sound nearer than this to one another are one stretch


@dataclass(frozen=True)
class Run:
    """One life of the recorder on both clocks."""

    number: int
    timeline_s: float
    monotonic_s: float
    ends_s: float  # where the next one begins on the timeline

    def on_the_clock(self, file_s: float) -> float:
        """The instant of CLOCK_MONOTONIC at a place of the timeline."""
        return self.monotonic_s + file_s - self.timeline_s


@dataclass(frozen=True)
class Picture:
    """One decoded picture: where it lies and what it says."""

    file_s: float
    placed_s: float  # its place on CLOCK_MONOTONIC
    shown_s: float  # when the number on it came on
    run: int
    flash: bool

    @property
    def late_s(self) -> float:
        """How much later the file has it than it came on."""
        return self.placed_s - self.shown_s


@dataclass
class Stretch:
    """Sound without a break."""

    run: Run
    file_s: float
    samples: NDArray[np.int16]  # two hours of it must fit into memory

    @property
    def ends_file_s(self) -> float:
        return self.file_s + len(self.samples) / SOUND_HZ

    def heard(self, after_s: float, length_s: float = PIECE_S) -> tuple[float, float, float]:
        """Of a piece that begins so long after the stretch: place, truth (monotonic s) and fit."""
        first = round(after_s * SOUND_HZ)
        piece = self.samples[first : first + round(length_s * SOUND_HZ)]
        placed_s = self.run.on_the_clock(self.file_s + first / SOUND_HZ)
        truth_s, fit = heard_at(piece.astype(np.float64), placed_s)
        return placed_s, truth_s, fit


@dataclass
class Recording:
    """Everything that an export holds."""

    runs: list[Run]
    timeline: dict[str, Any]
    pictures: dict[str, list[Picture]] = field(default_factory=dict)
    unreadable: dict[str, int] = field(default_factory=dict)
    stretches: list[Stretch] = field(default_factory=list)


def read_export(folder: Path) -> Recording:
    """Decode camera, microphone and screen completely; any error of the decoder is raised."""
    timeline = json.loads((folder / "timeline.json").read_text("utf-8"))
    found = Recording(_runs(timeline["runs"]), timeline)
    numbered = {
        "camera": (film.FPS, film.PICTURES, film.SQUARE_PX),
        "screen": (window_numbers.FPS, window_numbers.NUMBERS, window_numbers.SQUARE_PX),
    }
    for track, (fps, numbers, square_px) in numbered.items():
        pictures, unreadable = [], 0
        for file_s, gray in _gray(sorted(folder.glob(f"{track}*.mp4")), square_px):
            run = found.runs[_run_at(found.runs, file_s)]
            said = read(gray, square_px)
            if said is None:
                unreadable += 1
                continue
            placed_s = run.on_the_clock(file_s)
            shown_s = _nearest(said[0] / fps, numbers / fps, placed_s)
            pictures.append(Picture(file_s, placed_s, shown_s, run.number, said[1]))
        found.pictures[track], found.unreadable[track] = pictures, unreadable
    found.stretches = list(_stretches(folder / "microphone.mp4", found.runs))
    return found


def _runs(told: list[dict[str, Any]]) -> list[Run]:
    begins = [run["timeline_us"] / 1e6 for run in told]
    ends = [*begins[1:], float("inf")]
    return [
        Run(run["run"], begin, run["monotonic_us"] / 1e6, end)
        for run, begin, end in zip(told, begins, ends, strict=True)
    ]


def _run_at(runs: list[Run], file_s: float) -> int:
    """Which run a place belongs to; a coder's own delay may lie before its begin."""
    for place, run in enumerate(runs):
        if file_s < run.ends_s - 0.02:
            return place
    return len(runs) - 1


def _nearest(within_s: float, period_s: float, expected_s: float) -> float:
    """The instant that is `within_s` into some period, and nearest to the expected one."""
    return within_s + period_s * round((expected_s - within_s) / period_s)


def _gray(files: list[Path], square_px: int) -> Iterator[tuple[float, np.ndarray[Any, Any]]]:
    """The strip of every picture; on a lower rung of quality it is enlarged to its own size."""
    widest_px = max((_width_px(path) for path in files), default=0)
    for path in files:
        with av.open(str(path)) as container:
            container.streams.video[0].thread_type = "AUTO"
            for frame in container.decode(video=0):
                assert frame.time is not None
                plane = frame.planes[0]
                rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
                small_px = square_px * frame.width // widest_px
                strip = rows[:small_px, : (SQUARES + 1) * small_px]
                if small_px != square_px:
                    size = ((SQUARES + 1) * square_px, square_px)
                    strip = cv2.resize(strip, size, interpolation=cv2.INTER_NEAREST)
                yield frame.time, strip


def _width_px(path: Path) -> int:
    with av.open(str(path)) as container:
        return container.streams.video[0].width


def _stretches(path: Path, runs: list[Run]) -> Iterator[Stretch]:
    begin_s, length = 0.0, 0
    pieces: list[NDArray[np.int16]] = []
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            assert frame.time is not None
            samples = (frame.to_ndarray().reshape(-1) * 32767).astype(np.int16)
            if abs(frame.time - begin_s - length / SOUND_HZ) > JOINS_S and pieces:
                yield _stretch(begin_s, pieces, runs)
                pieces = []
            if not pieces:
                begin_s, length = frame.time, 0
            pieces.append(samples)
            length += len(samples)
    if pieces:
        yield _stretch(begin_s, pieces, runs)


def _stretch(begin_s: float, pieces: list[NDArray[np.int16]], runs: list[Run]) -> Stretch:
    samples = np.concatenate(pieces)
    middle_s = begin_s + len(samples) / SOUND_HZ / 2
    return Stretch(runs[_run_at(runs, middle_s)], begin_s, samples)


def steps(values: list[float]) -> list[float]:
    """From one to the next."""
    return [after - before for before, after in pairwise(values)]
