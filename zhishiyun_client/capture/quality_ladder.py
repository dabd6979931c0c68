"""The ladder of quality: when to step down, before anything is dropped, and when up again. Pure.

Each pressure gives a place that quality must not stand above; the lowest of them holds. Disk room,
battery and line say directly which; processor and slow writes are felt out: a step down at once,
a step up after a calm time, which doubles whenever the step proves to have been too early.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zhishiyun_client.capture.rungs import PLACE, Rung
from zhishiyun_client.ports.quality import Load, Pressure, Readings, Step

WINDOW_S = 2.5  # 37 pictures of a camera: one late one is no trend, a second of trouble is seen
BUSY_SHARE = 0.6  # of a track's time; beyond it hiccups of the system begin to cost pictures
MISSED_SHARE = 0.05
MISSED_MANY_SHARE = 0.3  # two steps at once
SLOW_WRITE_US = 200_000  # three camera pictures; a healthy disk takes the bytes in 0.1 ms
EASY = 0.6  # of what would be too much: only then a step up is thought of
CALM_S = 30.0
LONGEST_CALM_S = 320.0
TOO_EARLY_S = 30.0

DISK_STEPS = ((500 << 20, "G"), (150 << 20, "M"))
"""Room left and the rung for it: 500 MB is half an hour at the best rung and room for the system,
150 MB two hours at the lowest. Below 32 MB pictures stop (`evidence.book`)."""
BATTERY_STEPS = ((20, "G"), (10, "M"))  # per cent, off the mains
RELEASE = 1.25  # this much more than a threshold before it lets go


class QualityLadder:
    """Looks at readings a few times a second. Thread: its owner's."""

    def __init__(self, rungs: Sequence[Rung], place: int = 0) -> None:
        self._rungs = rungs
        lowest = len(rungs) - 1
        self.place = min(place, lowest)
        self.pressure = Pressure.NONE if self.place == 0 else Pressure.CPU
        self._cpu = _Feeler(lowest, self.place)
        self._writes = _Feeler(lowest, 0)
        self._begun: Readings | None = None
        self._slowest_us = 0
        self._disk = self._battery = 0

    @property
    def rung(self) -> Rung:
        """Where quality stands."""
        return self._rungs[self.place]

    def forget_load(self) -> None:
        """The tracks were made anew: their counts begin at nothing."""
        self._begun = None

    def look(self, now: Readings) -> Step | None:
        """Take one look; a step when another rung is right from now on."""
        self._feel(now)
        self._disk = _below(DISK_STEPS, now.disk_free_bytes, self._disk)
        off_mains = now.battery_percent is not None and not now.is_plugged
        charge = now.battery_percent if off_mains and now.battery_percent is not None else 100
        self._battery = _below(BATTERY_STEPS, charge, self._battery)
        places = {
            Pressure.DISK_LOW: self._disk,
            Pressure.DISK_SLOW: self._writes.place,
            Pressure.BATTERY: self._battery,
            Pressure.LINE: self._line(now.wanted_kbps),
            Pressure.CPU: self._cpu.place,  # last: a slow disk also makes tracks look busy
        }
        return self._move(places)

    def _move(self, places: dict[Pressure, int]) -> Step | None:
        place = max(places.values())
        before, pressure = self.pressure, Pressure.NONE
        if place > 0:
            pressure = next(one for one, asks in places.items() if asks == place)
        self.pressure = pressure
        if place == self.place:
            return None
        is_down = place > self.place
        self.place = place
        return Step(place, pressure.value if is_down else f"{before.value}_over", is_down)

    def _feel(self, now: Readings) -> None:
        """Judge processor and writes once a window."""
        self._slowest_us = max(self._slowest_us, now.slow_write_us)
        begun = self._begun
        if begun is None or now.at_s < begun.at_s:
            self._begun = now
            return
        passed_s = now.at_s - begun.at_s
        if passed_s < WINDOW_S:
            return
        strains = [
            _strain(_since(was, is_now), passed_s)
            for was, is_now in ((begun.camera, now.camera), (begun.screen, now.screen))
        ]
        strain, steps = max(strains)
        self._cpu.feel(now.at_s, strain, steps)
        self._writes.feel(now.at_s, self._slowest_us / SLOW_WRITE_US, 1)
        self._begun, self._slowest_us = now, 0

    def _line(self, wanted_kbps: int | None) -> int:
        if wanted_kbps is None:
            return 0
        fitting = (place for place, rung in enumerate(self._rungs) if rung.kbps <= wanted_kbps)
        return next(fitting, len(self._rungs) - 1)


@dataclass(slots=True)
class _Feeler:
    """Finds the best place that holds, by trying."""

    lowest: int
    place: int
    calm_s: float = CALM_S
    _calm_since_s: float | None = None
    _went_up_s: float | None = None

    def feel(self, at_s: float, strain: float, steps: int) -> None:
        """strain: 1 and more is too much."""
        if strain >= 1:
            self._calm_since_s = None
            if self._went_up_s is not None and at_s - self._went_up_s <= TOO_EARLY_S:
                self.calm_s = min(self.calm_s * 2, LONGEST_CALM_S)
            self._went_up_s = None
            self.place = min(self.place + steps, self.lowest)
        elif strain > EASY:
            self._calm_since_s = None
        elif self._calm_since_s is None:
            self._calm_since_s = at_s
        elif at_s - self._calm_since_s >= self.calm_s and self.place > 0:
            self.place -= 1
            self._went_up_s = self._calm_since_s = at_s
        elif self._went_up_s is not None and at_s - self._went_up_s > LONGEST_CALM_S:
            self.calm_s, self._went_up_s = CALM_S, None


def _since(before: Load, now: Load) -> Load:
    """What was done between two looks; nothing when the counts began anew."""
    if now.taken < before.taken:
        return Load()
    return Load(
        now.taken - before.taken, max(0, now.missed - before.missed), now.busy_us - before.busy_us
    )


def _strain(done: Load, passed_s: float) -> tuple[float, int]:
    """How hard a track has it (1: too hard), and how many steps down that asks for."""
    due = done.taken + done.missed
    missed_share = done.missed / due if due and done.missed > 1 else 0.0
    busy_share = done.busy_us / 1_000_000 / passed_s
    steps = 2 if missed_share >= MISSED_MANY_SHARE else 1
    return max(missed_share / MISSED_SHARE, busy_share / BUSY_SHARE), steps


def _below(steps: Sequence[tuple[int, str]], amount: int, stands: int) -> int:
    """The place that so little asks for; one that holds lets go only at a quarter more."""
    asked = max((PLACE[name] for limit, name in steps if amount < limit), default=0)
    if asked >= stands:
        return asked
    held = (PLACE[name] for limit, name in steps if amount < limit * RELEASE)
    return max((place for place in held if place <= stands), default=0)
