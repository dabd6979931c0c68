"""Sound on an even grid of time: blocks a hair longer or shorter than their count are stretched.

The samples of a card whose crystal is 100 millionths off would drift away from the pictures by
0.75 s in two hours, whatever the time stamps say: players count samples. So the samples themselves
are moved, a fifth of a sample in a block of 40 ms, by a cubic through four neighbours (Catmull-Rom;
flat to 0.25 dB up to 8 kHz, where speech ends). Nothing is inserted or left out: nothing clicks.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

US = 1_000_000
AHEAD = 2  # samples that the cubic needs behind a place, and one before it
LED = 0.2  # of an error a block: smooth, and the rounding of time stamps to 1 µs is not heard
MOST_STRETCH = 0.12  # a little more than the clock leads
STILL = 0.1  # an error in samples that is not worth a change: 2 µs
HOLE_US = 30_000  # the clock moves so far at once only where sound was lost

Samples = NDArray[np.int16]


class SoundStretch:
    """Cuts a stream of blocks into frames of `frame` samples that follow one another evenly.

    Thread: one.
    """

    def __init__(self, rate_hz: int, frame: int) -> None:
        self._rate_hz = rate_hz
        self._frame = frame
        self._frame_us = frame * US // rate_hz
        self._begin_us: int | None = None  # of the sample after those in finished frames
        self._waiting = np.zeros(0, np.int16)
        self._behind: NDArray[np.float32] = np.zeros(AHEAD + 1, np.float32)
        self._at = 0.0  # where in the next block the next sample is taken

    @property
    def lacks(self) -> int:
        """How many samples of a block complete the next frame."""
        return self._frame - len(self._waiting) + AHEAD + math.floor(self._at)

    def frames(self, block: Samples, start_us: int) -> Iterator[tuple[Samples, int]]:
        """Whole frames and when each begins, monotonic µs; what is left waits for the next block.

        Args:
            block: int16 (n,).
            start_us: when its first sample was heard.
        """
        if self._begin_us is not None and abs(self._error(start_us)) > self._samples(HOLE_US):
            yield from self.finish()
        if self._begin_us is None:
            self._begin(start_us)
        stretched = self._stretch(block, self._error(start_us))
        self._waiting = np.concatenate((self._waiting, stretched))
        while len(self._waiting) >= self._frame:
            yield self._next_frame()

    def finish(self) -> Iterator[tuple[Samples, int]]:
        """What waits, filled up with silence; the next block begins anew."""
        if len(self._waiting):
            self._waiting = np.pad(self._waiting, (0, self._frame - len(self._waiting)))
            yield self._next_frame()
        self._begin_us = None

    def _begin(self, start_us: int) -> None:
        self._behind[:] = 0
        self._at = -float(AHEAD)
        self._begin_us = start_us - AHEAD * US // self._rate_hz

    def _next_frame(self) -> tuple[Samples, int]:
        at_us = self._begin_us or 0
        self._begin_us = at_us + self._frame_us
        frame, self._waiting = self._waiting[: self._frame], self._waiting[self._frame :]
        return frame, at_us

    def _error(self, start_us: int) -> float:
        """By how many samples the next one should be taken later than it would be."""
        due_us = (self._begin_us or 0) - start_us
        return self._samples(due_us) + len(self._waiting) - self._at

    def _samples(self, us: int) -> float:
        return us * self._rate_hz / US

    def _stretch(self, block: Samples, error: float) -> Samples:
        """The block's samples at places `step` apart, from where the last block ended."""
        lead = LED * error / len(block) if abs(error) > STILL else 0.0
        step = 1 + max(-MOST_STRETCH, min(MOST_STRETCH, lead))
        known = np.concatenate((self._behind, block.astype(np.float32)))
        end = len(block) - AHEAD
        count = max(0, int(np.ceil((end - self._at) / step)))
        begin = self._at + AHEAD
        self._behind = known[-len(self._behind) :]
        self._at += step * count - len(block)
        if step == 1:  # most blocks of most cards
            return _moved(known[math.floor(begin) :], begin % 1, count)
        places = begin + step * np.arange(count)
        whole = np.floor(places).astype(np.int64)
        return _cubic(known, whole, (places - whole).astype(np.float32))


def _moved(known: NDArray[np.float32], part: float, count: int) -> Samples:
    """Catmull-Rom with the same `part` everywhere: a filter of four taps, a third of the work."""
    if not part:
        return known[1 : count + 1].astype(np.int16)
    square, cube = part**2, part**3
    taps = (
        (2 * square - cube - part) / 2,
        (3 * cube - 5 * square + 2) / 2,
        (4 * square - 3 * cube + part) / 2,
        (cube - square) / 2,
    )
    made = np.correlate(known[: count + 3], np.array(taps, np.float32), "valid")
    return np.clip(np.rint(made), -32768, 32767).astype(np.int16)


def _cubic(known: NDArray[np.float32], at: NDArray[np.int64], part: NDArray[np.float32]) -> Samples:
    """Catmull-Rom through known[at … at + 3], `part` of the way from the second to the third."""
    before, here, there, beyond = (known[at + step] for step in range(4))
    bend = 3 * (here - there) + beyond - before
    curve = 2 * before - 5 * here + 4 * there - beyond + part * bend
    value = here + part / 2 * (there - before + part * curve)
    return np.clip(np.rint(value), -32768, 32767).astype(np.int16)
