"""The ladder of quality in the recorder: readings in, rungs to the studio, every step written."""

from __future__ import annotations

import logging

from zhishiyun_client.app.disk_words import disk_trouble
from zhishiyun_client.app.recorder_notebook import Notebook
from zhishiyun_client.app.recorder_troubles import Troubles
from zhishiyun_client.capture.line_wish import LineLook, LineWish
from zhishiyun_client.capture.quality_ladder import QualityLadder
from zhishiyun_client.capture.rungs import PLACE, RUNGS
from zhishiyun_client.capture.studio import Studio
from zhishiyun_client.evidence.book import EvidenceBook
from zhishiyun_client.guard.systems.power import battery
from zhishiyun_client.ports.quality import Pressure, Readings, Step
from zhishiyun_client.ports.surroundings import Battery
from zhishiyun_client.ports.uploading import Progress
from zhishiyun_protocol.evidence.contents import Quality
from zhishiyun_protocol.plan import Recording

LOG = logging.getLogger(__name__)
BATTERY_EVERY_S = 30.0  # it changes by a per cent in a minute; asking costs a millisecond


class RecorderQuality:
    """Steps down before anything is dropped, and up again. Thread: the core's."""

    def __init__(self, studio: Studio, notebook: Notebook, troubles: Troubles) -> None:
        self._studio = studio
        self._notebook = notebook
        self._troubles = troubles
        self._ladder = QualityLadder(RUNGS)
        self._line = LineWish(RUNGS)
        self._line_may_lower = False
        self._wanted_kbps: int | None = None
        self._battery: Battery | None = None
        self._next_battery_s = 0.0

    @property
    def rung(self) -> str:
        """The name of the rung that holds."""
        return self._ladder.rung.name

    @property
    def pressure(self) -> Pressure:
        """What keeps quality down; `NONE` at the best rung."""
        return self._ladder.pressure

    def begin(self, wanted: Recording) -> None:
        """A recording begins, or goes on after a crash: then on the rung that held before."""
        place = PLACE.get(self._notebook.memory.rung, 0)
        self._ladder = QualityLadder(RUNGS, place)
        self._line = LineWish(RUNGS)
        self._line_may_lower = wanted.line_may_lower
        self._studio.use(self._ladder.rung)

    def want_kbps(self, wanted_kbps: int | None) -> None:
        """What the line can carry, if somebody knows; heeded only where the plan lets it."""
        self._wanted_kbps = wanted_kbps

    def follow_line(self, progress: Progress, left_s: float, now_s: float) -> None:
        """How the upload stands, `left_s` before the recording ends at the latest."""
        look = LineLook(
            at_s=now_s,
            made_bytes=progress.total_bytes,
            held_bytes=progress.held_bytes,
            rate_bytes_s=progress.rate_bytes_s,
            line_bytes_s=progress.line_bytes_s,
            is_held_up=bool(progress.cause),
            left_s=left_s,
        )
        self.want_kbps(self._line.look(look, self._ladder.place))

    def record(self, why: str) -> Quality:
        """A QUALITY record of how it stands."""
        return Quality(rung=self.rung, why=why, counts=self._studio.counts())

    def look(self, book: EvidenceBook, now_s: float) -> None:
        """Take one look, and the step that follows from it."""
        step = self._ladder.look(self._readings(book, now_s))
        if step is not None:
            self._take(book, step)
        pressure = self._ladder.pressure
        is_low = pressure is Pressure.DISK_LOW and not book.is_disk_full
        self._troubles.say(disk_trouble("DISK_LOW"), is_low)
        self._troubles.say(disk_trouble("WRITES_SLOW"), pressure is Pressure.DISK_SLOW)

    def _take(self, book: EvidenceBook, step: Step) -> None:
        LOG.info("quality %s: %s", self.rung, step.why)
        self._studio.use(self._ladder.rung)
        book.quality(self.record(step.why))
        kept = "" if self._ladder.pressure is not Pressure.CPU else self.rung
        self._notebook.keep(rung=kept)  # a restarted recorder need not find out again

    def _readings(self, book: EvidenceBook, now_s: float) -> Readings:
        self._look_at_battery(now_s)
        return Readings(
            at_s=now_s,
            camera=self._studio.camera.load(),
            screen=self._studio.screen.load(),
            disk_free_bytes=book.disk_free_bytes,
            slow_write_us=book.writer.take_slowest_write_us(),
            battery_percent=self._battery.percent if self._battery else None,
            is_plugged=self._battery is None or self._battery.is_plugged,
            wanted_kbps=self._wanted_kbps if self._line_may_lower else None,
        )

    def _look_at_battery(self, now_s: float) -> None:
        if now_s < self._next_battery_s:
            return
        self._next_battery_s = now_s + BATTERY_EVERY_S
        try:
            self._battery = battery()
        except OSError:  # a system without /sys/class/power_supply has no battery to ask
            self._battery = None
