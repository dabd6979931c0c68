"""设备准备: the room by the candidate's word, the machine by measurement (R030–R037)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from zhishiyun_client.domain.phases import Event, Phase
from zhishiyun_client.flow.check_words import check_view
from zhishiyun_client.flow.intents import (
    Continue,
    ExportReport,
    Intent,
    RepeatCheck,
    StartChecks,
    TickRoomItem,
)
from zhishiyun_client.flow.room import Room
from zhishiyun_client.flow.stepping import Step
from zhishiyun_client.flow.views import DevicePreparationView, RoomItemView, Tone
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import Words, text
from zhishiyun_client.ports.checks import CheckId, CheckResult, ChecksDone, CheckStarted, Outcome
from zhishiyun_protocol.errors import ZhishiyunError

ROOM = ("CLOSED", "LIGHT", "DESK", "BOOKS", "POSTURE", "POWER")
REPORT_NAME = "zhishiyun-selftest.txt"
NOTHING_ALLOWED = "—"


class DevicePreparationStep(Step):
    """Devices are opened by 【开始检测】, not before: the page says why first."""

    phase = Phase.DEVICE_PREPARATION

    def __init__(self, room: Room, happened: Callable[[Event], None]) -> None:
        super().__init__(room, happened)
        self._ticked: set[str] = set()
        self._results: dict[CheckId, CheckResult] = {}
        self._running: CheckId | None = None
        self._busy = False
        self._export_problem: Words | None = None

    def take(self, intent: Intent) -> None:
        """Tick, test, export, go on."""
        checks = self.room.ports.checks
        if isinstance(intent, TickRoomItem):
            (self._ticked.add if intent.is_done else self._ticked.discard)(intent.name)
        elif isinstance(intent, StartChecks) and not self._busy:
            self._results.clear()
            self._start(checks.names())
        elif isinstance(intent, RepeatCheck) and not self._busy:
            self._start((CheckId(intent.name),))
        elif isinstance(intent, ExportReport):
            files = self.room.ports.files
            self.room.run(
                "report",
                lambda: files.save_report(REPORT_NAME, checks.report_text()),
                self._on_saved,
                self._on_not_saved,
            )
        elif isinstance(intent, Continue) and self._continue_off() is None:
            self.happened(Event.PASSED)

    def hear(self, report: object) -> None:
        """Results, one by one."""
        if isinstance(report, CheckStarted):
            self._running = report.id
        elif isinstance(report, CheckResult):
            self._results[report.id] = report
        elif isinstance(report, ChecksDone):
            self._busy, self._running = False, None

    def view(self) -> DevicePreparationView:
        """The page now."""
        summary, tone = self._summary()
        has_run = bool(self._results) and not self._busy
        return DevicePreparationView(
            room=tuple(self._room_item(name) for name in ROOM),
            checks=tuple(
                check_view(check, self._results.get(check), running=check is self._running)
                for check in self.room.ports.checks.names()
            ),
            summary=summary,
            summary_tone=tone,
            has_run=has_run,
            start_off=summary if self._busy else None,
            export_off=None if has_run else text(T.DEVICE_PREPARATION_NOT_STARTED),
            continue_off=self._continue_off(),
        )

    def _start(self, checks: tuple[CheckId, ...]) -> None:
        self._busy = True
        self.room.open_devices()
        self.room.ports.checks.start(checks)

    def _room_item(self, name: str) -> RoomItemView:
        detail = text(T[f"ROOM_{name}_DETAIL"])
        if name == "DESK":
            allowed = "、".join(self.room.plan.materials.allowed) or NOTHING_ALLOWED
            detail = text(T.ROOM_DESK_DETAIL, materials=allowed)
        return RoomItemView(name, text(T[f"ROOM_{name}"]), detail, name in self._ticked)

    def _summary(self) -> tuple[Words, Tone]:
        if self._busy:
            running = text(T(self._running.name_key)) if self._running else ""
            return text(T.DEVICE_PREPARATION_RUNNING, name=running), Tone.CALM
        if not self._results:
            return text(T.DEVICE_PREPARATION_NOT_STARTED), Tone.CALM
        failed = sum(result.blocks for result in self._results.values())
        if failed:
            return text(T.DEVICE_PREPARATION_SOME_FAILED, count=failed), Tone.GRAVE
        weak = (Outcome.WEAK, Outcome.FAILED)
        count = sum(result.outcome in weak for result in self._results.values())
        if count:
            return text(T.DEVICE_PREPARATION_SOME_WEAK, count=count), Tone.CAUTION
        return text(T.DEVICE_PREPARATION_ALL_READY), Tone.GOOD

    def _continue_off(self) -> Words | None:
        if self._busy or not self._results or any(r.blocks for r in self._results.values()):
            return self._summary()[0]
        if len(self._ticked) < len(ROOM):
            return text(T.DEVICE_PREPARATION_ROOM_COUNT, done=len(self._ticked), total=len(ROOM))
        return None

    def _on_saved(self, _path: Path) -> None:
        self._export_problem = None

    def _on_not_saved(self, error: ZhishiyunError) -> None:
        self._export_problem = error.zh or error.message
