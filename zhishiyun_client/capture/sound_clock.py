"""When a block of sound was heard: counted in samples, led gently along the monotonic clock.

A block arrives late by whatever the system was doing; the count is even but the sound card's
crystal is off by up to a few hundred millionths. So the blocks are counted, and the least late
block of ten seconds tells how far the count is from the truth. From that a loop of the second
order learns the crystal's pace; times never jump, unless sound was lost.

Source: research/capture.md §4; measured in docs/measured/in-step.md.
"""

from __future__ import annotations

from collections.abc import Iterable

US = 1_000_000
WINDOW_US = 10 * US
SETTLING_US = US  # at the start and after a loss the truth is wanted sooner
SETTLED_US = 8_000  # on two busy cores the least late block of a second wavers by as much
UNSETTLED_US = 20_000  # no crystal does that in ten seconds: the system's own delay has changed
LOST_US = 40_000  # so much too early is no drift: sound is missing
LED_OVER_US = 20 * US  # an error goes away over two windows …
LEARNT = 1 / 16  # … and so much of it is the crystal's: critically damped for these windows
MOST_PACE = 0.002  # no crystal is two thousandths off
SETTLED_OVER_US = 2 * US  # while settling half of an error goes away in a window …
MOST_LEAD = 0.01  # … at most a sixth of a semitone at once
FAR_US = 100_000  # a device that began with a heap of old sound: in step matters more than pitch
MOST_FAR_LEAD = 0.1


class SampleClock:
    """Places blocks of one running stream on the monotonic clock.

    Args:
        begins_us: when the first block's first sample was heard, if known; else as it arrives.
    """

    def __init__(self, rate_hz: int, begins_us: int | None = None) -> None:
        self._rate_hz = rate_hz
        self._next_us: float | None = begins_us
        self._crystal = 0.0  # how much longer than by the count a second of samples lasts
        self._pace = 0.0  # the same, with what leads the count back to the truth
        self._settling = True
        self._least_us: float | None = None
        self._window_us = 0
        self.drift_us = 0
        self.losses = 0

    @property
    def crystal_ppm(self) -> float:
        """How slow the sound card's clock runs, as far as it is known, millionths."""
        return self._crystal * 1e6

    def place(self, arrived_us: int, samples: int, *, overflowed: bool = False) -> int:
        """Where the block's first sample lies, monotonic µs; grows from block to block.

        Args:
            arrived_us: when the callback got it.
            overflowed: the system says that sound was lost before it.
        """
        length_us = samples * US // self._rate_hz
        if self._next_us is None:
            self._next_us = arrived_us - length_us
        if overflowed:
            self._settle()
        late_us = arrived_us - length_us - self._next_us
        if self._least_us is None or late_us < self._least_us:
            self._least_us = late_us
        self._window_us += length_us
        if self._window_us >= (SETTLING_US if self._settling else WINDOW_US):
            self._close_window(self._least_us)
        start_us = self._next_us
        self._next_us = start_us + length_us * (1 + self._pace)
        return round(start_us)

    def _close_window(self, error_us: float) -> None:
        """End a window and decide how the count goes on; an error above 0: it is too early."""
        self.drift_us = round(error_us)
        self._least_us, self._window_us = None, 0
        if error_us > LOST_US:
            self.losses += 1
            self._next_us = (self._next_us or 0.0) + error_us
            self._settle()
        elif self._settling and abs(error_us) > SETTLED_US:
            most = MOST_LEAD if abs(error_us) < FAR_US else MOST_FAR_LEAD
            self._pace = self._crystal + _within(most, error_us / SETTLED_OVER_US)
        elif abs(error_us) > UNSETTLED_US:
            self._settle()
        else:
            if not self._settling:
                learnt = self._crystal + LEARNT * error_us / WINDOW_US
                self._crystal = _within(MOST_PACE, learnt)
            self._settling = False
            self._pace = self._crystal + error_us / LED_OVER_US

    def _settle(self) -> None:
        """Begin to look anew; who is looking already goes on, or losses in a row would end it."""
        if not self._settling:
            self._settling, self._pace, self._window_us = True, self._crystal, 0
        self._least_us = None


def _within(most: float, value: float) -> float:
    return max(-most, min(most, value))


def begin_of(arrivals: Iterable[tuple[int, int]], rate_hz: int) -> int:
    """When a stream began, by its first blocks: the least late of them tells.

    Args:
        arrivals: of each block, when the callback got it, monotonic µs, and its samples.
    """
    begins, heard = [], 0
    for arrived_us, samples in arrivals:
        heard += samples
        begins.append(arrived_us - heard * US // rate_hz)
    return min(begins)
