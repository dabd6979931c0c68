"""A beat that never queues: what is late is skipped and counted, what is early is left out."""

from __future__ import annotations

US = 1_000_000


class Ticker:
    """When the next picture is due, and how many were missed. Times are monotonic µs."""

    def __init__(self, fps: float) -> None:
        self._step_us = round(US / fps)
        self._due_us: int | None = None
        self.missed = 0

    @property
    def step_us(self) -> int:
        """The time between two pictures."""
        return self._step_us

    def change_rate(self, fps: float) -> None:
        """Go on at another rate, from the last picture on."""
        step_us = round(US / fps)
        if self._due_us is not None:
            self._due_us += step_us - self._step_us
        self._step_us = step_us

    def wait_s(self, now_us: int) -> float:
        """Seconds until the next picture is due; 0 when it is."""
        if self._due_us is None:
            return 0.0
        return max(0, self._due_us - now_us) / US

    def take(self, now_us: int) -> None:
        """A picture is taken now; whole steps that went by without one are counted."""
        if self._due_us is None:
            self._due_us = now_us + self._step_us
            return
        late = max(0, now_us - self._due_us) // self._step_us
        self.missed += late
        self._due_us += self._step_us * (late + 1)


class Decimator:
    """Which of a camera's pictures to keep, so that about `fps` remain, evenly.

    A picture that comes late is made up for by those behind it; what is more than a step late is
    skipped and counted in `missed`. A camera that slows down by itself in the dark loses nothing.
    """

    def __init__(self, fps: float) -> None:
        self._step_us = round(US / fps)
        self._next_us: int | None = None
        self._last_us: int | None = None
        self._pace_us = 0.0
        self.missed = 0

    def change_rate(self, fps: float) -> None:
        """Go on at another rate, from the last picture on."""
        step_us = round(US / fps)
        if self._next_us is not None:
            self._next_us += step_us - self._step_us
        self._step_us = step_us

    def wants(self, now_us: int) -> bool:
        """Whether the picture that has just come is due. A third of a step early is not early."""
        step_us = max(self._step_us, round(self._measured_pace(now_us)))
        if self._next_us is None:
            self._next_us = now_us + self._step_us
            return True
        if now_us < self._next_us - self._step_us // 3:
            return False
        self._next_us += step_us
        behind_us = now_us - self._next_us
        if behind_us > step_us:
            self.missed += behind_us // step_us
            self._next_us = now_us
        return True

    def forget(self) -> None:
        """The camera was away: what was missed meanwhile is a gap, not drops."""
        self._next_us = self._last_us = None
        self._pace_us = 0.0

    def _measured_pace(self, now_us: int) -> float:
        """The time between two pictures of this camera, smoothed; a hiccup hardly moves it."""
        last_us, self._last_us = self._last_us, now_us
        if last_us is None:
            return 0.0
        interval_us = now_us - last_us
        if not self._pace_us:
            self._pace_us = interval_us
        self._pace_us += (min(interval_us, 2 * self._pace_us) - self._pace_us) / 16
        return self._pace_us
