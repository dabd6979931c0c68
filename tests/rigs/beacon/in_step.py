"""How far apart camera, microphone and screen lie in an exported recording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise

import numpy as np

from tests.rigs.beacon.marks import FLASH_S, SOUND_HZ
from tests.rigs.beacon.reading import GOOD_FIT, Picture, Recording

TEN_MINUTES_S = 600.0


@dataclass(frozen=True)
class Offsets:
    """A series of offsets, ms. `drift`: what a straight line through them gains in ten minutes."""

    count: int
    mean_ms: float
    sd_ms: float
    least_ms: float
    most_ms: float
    drift_ms: float

    @classmethod
    def of(cls, at_s: Sequence[float], offsets_s: Sequence[float]) -> Offsets:
        """Seconds into what is told."""
        ms = np.array(offsets_s) * 1000
        slope = float(np.polyfit(np.array(at_s) - at_s[0], ms, 1)[0]) if len(ms) > 2 else 0.0
        values = (float(ms.mean()), float(ms.std()), float(ms.min()), float(ms.max()))
        return cls(len(ms), *(round(value, 2) for value in values), round(slope * 600, 2))


@dataclass(frozen=True)
class InStep:
    """What the exported files say, every whole second a flash, a beep, and a flash on the screen.

    sound_camera: beep against the picture's own number, so that a camera of 15 pictures a second
                  is not taken for 66 ms of offset
    sound_flash:  beep against the first picture that shows the flash, as an eye sees it
    screen_flash: first screen with the flash against the flash itself, as the camera has it
    samples_off_ms: decoded samples against the time between first and last: what a player that
                  only counts would be off at the end
    breaks:       where sound stops, seconds into the file, and for how long, ms
    weakest_fit:  how much of the worst beep is what was played, 1: all
    """

    sound_camera: Offsets
    sound_flash: Offsets
    screen_flash: Offsets
    sound_truth: Offsets
    camera_truth: Offsets
    seconds: float
    stretches: int
    breaks: tuple[tuple[float, float], ...]
    samples_off_ms: float
    weakest_fit: float

    def told(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


def in_step(recording: Recording) -> InStep:
    """Measure a recording of one run."""
    stretch = max(recording.stretches, key=lambda it: len(it.samples))
    sound = _beeps(recording)
    flashes = _flashes(recording.pictures["camera"])
    screens = _flashes(recording.pictures["screen"])
    both = sorted(sound.keys() & flashes.keys())
    three = sorted(both & screens.keys())
    late = {second: float(np.mean([p.late_s for p in flashes[second]])) for second in both}
    placed_s, heard_s, _ = stretch.heard(len(stretch.samples) / SOUND_HZ - 0.2)
    began_s, began_heard_s, _ = stretch.heard(0.2)
    counted = (placed_s - began_s) - (heard_s - began_heard_s)
    return InStep(
        sound_camera=Offsets.of(both, [sound[s][0] - late[s] for s in both]),
        sound_flash=Offsets.of(both, [sound[s][0] - (flashes[s][0].placed_s - s) for s in both]),
        screen_flash=Offsets.of(three, [screens[s][0].placed_s - s - late[s] for s in three]),
        sound_truth=Offsets.of(both, [sound[s][0] for s in both]),
        camera_truth=Offsets.of(both, [late[s] for s in both]),
        seconds=round(len(stretch.samples) / SOUND_HZ, 2),
        stretches=len(recording.stretches),
        breaks=tuple(
            (round(before.ends_file_s, 2), round((after.file_s - before.ends_file_s) * 1000, 1))
            for before, after in pairwise(recording.stretches)
        ),
        samples_off_ms=round(counted * 1000, 2),
        weakest_fit=round(min(sound[s][1] for s in both), 3),
    )


def _beeps(recording: Recording) -> dict[int, tuple[float, float]]:
    """Second → how late its beep lies in the file, s, and how well it fits."""
    found = {}
    for stretch in recording.stretches:
        begins_s = stretch.run.on_the_clock(stretch.file_s)
        length_s = len(stretch.samples) / SOUND_HZ
        for second in range(int(begins_s) + 1, int(begins_s + length_s)):
            placed_s, truth_s, fit = stretch.heard(second - begins_s, FLASH_S)
            if fit >= GOOD_FIT:
                found[second] = (placed_s - truth_s, fit)
    return found


def _flashes(pictures: list[Picture]) -> dict[int, list[Picture]]:
    """Second → the pictures that show its flash, in order; seconds that begin dark only."""
    found: dict[int, list[Picture]] = {}
    for before, picture in pairwise(pictures):
        second = round(picture.shown_s - FLASH_S / 2)
        if picture.flash and (second in found or not before.flash):
            found.setdefault(second, []).append(picture)
    return found
