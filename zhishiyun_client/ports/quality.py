"""What the ladder of quality looks at, and what it decides."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Pressure(enum.StrEnum):
    """Why the quality is lower than it could be; the words of QUALITY records."""

    NONE = "steady"
    CPU = "cpu"  # pictures came late, or encoding takes most of the time there is
    DISK_LOW = "disk_low"
    DISK_SLOW = "disk_slow"
    BATTERY = "battery"
    LINE = "line"  # the uploader asked for less, and the plan lets it


@dataclass(frozen=True, slots=True)
class Load:
    """What a picture track has done since it was made; only the differences tell something.

    busy_us: time spent on taking, encoding and writing pictures, waiting for the processor included
    """

    taken: int = 0
    missed: int = 0
    busy_us: int = 0


@dataclass(frozen=True, slots=True)
class Readings:
    """One look at everything that may press on the quality.

    at_s:            monotonic seconds
    slow_write_us:   the slowest write to the log since the look before
    battery_percent: None without a battery
    wanted_kbps:     what the line asks for; None: nothing
    """

    at_s: float
    camera: Load = Load()
    screen: Load = Load()
    disk_free_bytes: int = 1 << 40
    slow_write_us: int = 0
    battery_percent: int | None = None
    is_plugged: bool = True
    wanted_kbps: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """Another rung from now on. `why`: a `Pressure`, with "_over" behind it on the way up."""

    place: int
    why: str
    is_down: bool
