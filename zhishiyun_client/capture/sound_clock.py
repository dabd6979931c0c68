"""When a block of sound was heard: counted in samples, held to the monotonic clock.

A block arrives late by whatever the system was doing; the count is even but the sound card's
crystal drifts. So the first block is placed at its arrival minus its length, the others are
counted, and the least late block of ten seconds tells how far the count has drifted.

Source: research/capture.md §4 (measured −3.6 ± 4.7 ms against the picture).
"""

from __future__ import annotations

US = 1_000_000
WINDOW_US = 10 * US
AFTER_LOSS_US = US // 2  # after an overflow the truth is wanted sooner
CORRECT_BEYOND_US = 10_000  # a quarter of an Opus frame; the least late block wavers by 3 ms
MOST_BACK_US = 20_000  # half a frame: times keep growing, so no sound is ever left out


class SampleClock:
    """Places blocks of one running stream on the monotonic clock."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._anchor_us: int | None = None
        self._samples = 0
        self._least_us: int | None = None
        self._window_us = 0
        self._window_end_us = WINDOW_US
        self.drift_us = 0
        self.corrections = 0

    def place(self, arrived_us: int, samples: int, *, overflowed: bool = False) -> int:
        """Where the block's first sample lies, monotonic µs; grows from block to block.

        Args:
            arrived_us: when the callback got it.
            overflowed: the system says that sound was lost before it.
        """
        length_us = samples * US // self._rate_hz
        if self._anchor_us is None:
            self._anchor_us = arrived_us - length_us
        late_us = arrived_us - self._counted_us() - length_us
        if overflowed:
            self._begin_window(AFTER_LOSS_US)
        if self._least_us is None or late_us < self._least_us:
            self._least_us = late_us
        self._window_us += length_us
        if self._window_us >= self._window_end_us:
            self._anchor_us += self._close_window()
        start_us = self._counted_us()
        self._samples += samples
        return start_us

    def _counted_us(self) -> int:
        return (self._anchor_us or 0) + self._samples * US // self._rate_hz

    def _close_window(self) -> int:
        """End a window; how far to move the count, 0 when it is near enough."""
        self.drift_us = self._least_us or 0
        self._begin_window(WINDOW_US)
        if abs(self.drift_us) <= CORRECT_BEYOND_US:
            return 0
        self.corrections += 1
        return max(self.drift_us, -MOST_BACK_US)

    def _begin_window(self, length_us: int) -> None:
        self._window_us, self._window_end_us, self._least_us = 0, length_us, None
