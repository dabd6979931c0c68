"""The exam's clock of this server: monotonic, `speed` times as fast, and going on over restarts."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec
from sqlalchemy import Connection, select

from zhishiyun_server.keep.tables import meta

_KEY = "clock"


class Anchor(msgspec.Struct, frozen=True, kw_only=True):
    """When the machine's date was `wall_us`, the exam's clock showed `exam_us`.

    boot, up_us: which start of the machine that was, and how long ago, sleep included; within one
                 start the date is not asked, somebody may have set it. "": the system does not tell
    """

    wall_us: int
    exam_us: int
    speed: float
    boot: str = ""
    up_us: int = 0


@dataclass(frozen=True, slots=True)
class ExamClock:
    """exam_us = anchor + (monotonic − anchor's monotonic) · speed. Thread: any."""

    exam_us: int
    monotonic_us: int
    speed: float

    def now_us(self) -> int:
        """The exam's clock now, µs since 1970 UTC."""
        return self.exam_us + round((_monotonic_us() - self.monotonic_us) * self.speed)

    def real_s(self, exam_us: int) -> float:
        """Real seconds until the exam's clock shows `exam_us`; negative when that is past."""
        return (exam_us - self.now_us()) / self.speed / 1e6

    def after_real_us(self, seconds: float) -> int:
        """What the exam's clock will show in so many real seconds."""
        return self.now_us() + round(seconds * self.speed * 1e6)

    def anchor(self) -> Anchor:
        """What to keep so that a later process goes on from here."""
        return Anchor(
            wall_us=_wall_us(),
            exam_us=self.now_us(),
            speed=self.speed,
            boot=_boot(),
            up_us=_up_us(),
        )


def continued(kept: Anchor | None, speed: float | None) -> ExamClock:
    """The clock that goes on from `kept`, from now on at `speed` (None: as before)."""
    wall_us = _wall_us()
    if kept is None:
        kept = Anchor(wall_us=wall_us, exam_us=wall_us, speed=1.0)
    same_boot = kept.boot and kept.boot == _boot()
    passed_us = _up_us() - kept.up_us if same_boot else max(0, wall_us - kept.wall_us)
    return ExamClock(
        exam_us=kept.exam_us + round(passed_us * kept.speed),
        monotonic_us=_monotonic_us(),
        speed=kept.speed if speed is None else speed,
    )


def kept_anchor(connection: Connection) -> Anchor | None:
    """The anchor the database remembers."""
    row = connection.execute(select(meta.c.value).where(meta.c.key == _KEY)).first()
    return None if row is None else msgspec.json.decode(row.value, type=Anchor)


def keep_anchor(connection: Connection, anchor: Anchor) -> None:
    """Remember where the clock stands."""
    value = msgspec.json.encode(anchor).decode()
    if connection.execute(meta.update().where(meta.c.key == _KEY).values(value=value)).rowcount:
        return
    connection.execute(meta.insert().values(key=_KEY, value=value))


def _monotonic_us() -> int:
    return time.monotonic_ns() // 1000


def _boot() -> str:
    if sys.platform != "linux":
        return ""
    return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()


def _up_us() -> int:
    if sys.platform != "linux":
        return 0
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000


def _wall_us() -> int:
    return time.time_ns() // 1000
