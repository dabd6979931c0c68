"""What a slow line asks of the ladder: less only when the rest would arrive too late. Pure.

A line that keeps up is never asked about: what waits is then a few seconds of recording. One that
does not keep up lowers the quality only if, at this pace and until the exam's end, more would be
left than the line carries in half a minute. A line that is cut says nothing; what it left behind is
judged when it is back.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from zhishiyun_client.capture.rungs import PLACE, Rung

TAIL_S = 30.0  # what may be left to carry at the end (issue 4)
KEEPS_UP_S = 5.0  # of recording: the uploader waits 2 s for a fuller chunk, another is on its way
HOLDS_S = 5.0  # a hiccup is over sooner
LOWEST = PLACE["G"]  # 15 pictures a second for 300 kbit/s; below, less moves and little is saved
CALM_S = 60.0
LONGEST_CALM_S = 480.0
TOO_EARLY_S = 120.0
SPARE = 0.8  # of what the line carries: a better rung must need no more
MEASURED_S = 10.0
_BYTES_S_A_KBIT = 125.0


@dataclass(frozen=True, slots=True)
class LineLook:
    """The upload at one moment.

    at_s:         monotonic seconds
    made_bytes:   recorded so far; held_bytes: of them the server has
    rate_bytes_s: what arrives to stay, time lost to cuts included; 0 while unknown
    line_bytes_s: what the line carries while it carries
    is_held_up:   a cut, a busy server
    left_s:       real seconds until the recording ends at the latest
    """

    at_s: float
    made_bytes: int
    held_bytes: int
    rate_bytes_s: float
    line_bytes_s: float
    is_held_up: bool
    left_s: float


class LineWish:
    """Looks twice a second. Thread: its owner's."""

    def __init__(self, rungs: Sequence[Rung]) -> None:
        self._rungs = rungs
        self.place = 0
        self.calm_s = CALM_S
        self._made: deque[tuple[float, int]] = deque()
        self._measured_at = 0  # the rung that `_made` was recorded on
        self._late_since_s: float | None = None
        self._calm_since_s: float | None = None
        self._went_up_s: float | None = None

    @property
    def wanted_kbps(self) -> int | None:
        """What the line carries; None: whatever is wanted."""
        return None if self.place == 0 else self._rungs[self.place].kbps

    def look(self, now: LineLook, stands: int) -> int | None:
        """Take one look while the recording stands on rung `stands`; what is wanted from now on."""
        self._measure(now, stands)
        if now.is_held_up or now.rate_bytes_s <= 0:
            self._late_since_s = self._calm_since_s = None
            return self.wanted_kbps
        waits_bytes = now.made_bytes - now.held_bytes
        if waits_bytes > KEEPS_UP_S * self._makes_bytes_s(stands):
            self._calm_since_s = None
            self._consider_less(now)
        else:
            self._late_since_s = None
            self._consider_more(now)
        return self.wanted_kbps

    def _consider_less(self, now: LineLook) -> None:
        if self.place >= LOWEST or not self._is_late(now, self.place):
            self._late_since_s = None
        elif self._late_since_s is None:
            self._late_since_s = now.at_s
        elif now.at_s - self._late_since_s >= HOLDS_S:
            if self._went_up_s is not None and now.at_s - self._went_up_s <= TOO_EARLY_S:
                self.calm_s = min(self.calm_s * 2, LONGEST_CALM_S)
            lower = range(self.place + 1, LOWEST)
            self.place = next((p for p in lower if not self._is_late(now, p)), LOWEST)
            self._late_since_s = self._went_up_s = None

    def _consider_more(self, now: LineLook) -> None:
        better = (p for p in range(self.place) if self._is_carried(now, p))
        place = next(better, None)
        if place is None:
            self._calm_since_s = None
        elif self._calm_since_s is None:
            self._calm_since_s = now.at_s
        elif now.at_s - self._calm_since_s >= self.calm_s:
            self.place = place
            self._went_up_s, self._calm_since_s = now.at_s, None

    def _is_carried(self, now: LineLook, place: int) -> bool:
        return self._makes_bytes_s(place) <= SPARE * max(now.rate_bytes_s, now.line_bytes_s)

    def _is_late(self, now: LineLook, place: int) -> bool:
        """Whether on this rung more would be left at the end than may be."""
        grows_bytes_s = self._makes_bytes_s(place) - now.rate_bytes_s
        left_bytes = now.made_bytes - now.held_bytes + grows_bytes_s * now.left_s
        return left_bytes > TAIL_S * now.rate_bytes_s

    def _measure(self, now: LineLook, stands: int) -> None:
        if stands != self._measured_at:
            self._made.clear()
            self._measured_at = stands
        self._made.append((now.at_s, now.made_bytes))
        while now.at_s - self._made[0][0] > MEASURED_S:
            self._made.popleft()

    def _makes_bytes_s(self, place: int) -> float:
        """What is recorded on a rung: by its weight, or as this room and camera make it."""
        by_weight = self._rungs[place].kbps * _BYTES_S_A_KBIT
        first, last = self._made[0], self._made[-1]
        passed_s = last[0] - first[0]
        if passed_s < MEASURED_S / 2 or last[1] <= first[1]:
            return by_weight
        made = (last[1] - first[1]) / passed_s
        return made * self._rungs[place].kbps / self._rungs[self._measured_at].kbps
