"""进入考试: by the server's clock; one display, no listed programs (R033, R100–R107, R172)."""

from __future__ import annotations

from collections.abc import Callable

from zhishiyun_client.domain.phases import Event, Phase
from zhishiyun_client.flow.clock_words import clock_time, minutes_seconds
from zhishiyun_client.flow.entering import enter
from zhishiyun_client.flow.intents import CloseProgram, Enter, Intent, Refresh
from zhishiyun_client.flow.room import Room
from zhishiyun_client.flow.stepping import Step
from zhishiyun_client.flow.views import (
    CheckOutcome,
    CheckView,
    CountdownView,
    EntryView,
    ProgramView,
    Tone,
)
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import Words, text
from zhishiyun_client.ports.watching import Cause, Finding, ProcessHit, Severity
from zhishiyun_protocol.errors import ZhishiyunError
from zhishiyun_protocol.messages.sitting import EntryGranted, Sitting
from zhishiyun_protocol.timing import remaining_s

ASK_AGAIN_US = 5_000_000  # of the exam's clock, while the door should be open and is not
STEP_OF_CODE = {
    "ATTACHMENTS_UNREAD": T.PHASE_ATTACHMENTS,
    "PHONE_UNBOUND": T.PHASE_BINDING,
    "PHONE_NOT_FILMING": T.PHASE_BINDING,
    "NOT_DRAWN": T.PHASE_LOTTERY,
    "FLOW_UNREAD": T.PHASE_READING_FLOW,
}


class EntryStep(Step):
    """The server decides; the page says why and when."""

    phase = Phase.ENTRY

    def __init__(self, room: Room, happened: Callable[[Event], None]) -> None:
        super().__init__(room, happened)
        self._busy = False
        self._asked_us = 0
        self._problem: Words | None = None

    def enter(self) -> None:
        """Ask for the newest state and look at the machine."""
        self._busy, self._problem = False, None
        self._refresh()

    def beat(self) -> None:
        """When the time has come and the door is still shut here, ask again by itself (F12)."""
        due = self.room.now_us >= self.room.windows().entry_opens_us
        waited = self.room.now_us - self._asked_us >= ASK_AGAIN_US
        if due and waited and not self._busy and not self._is_open() and not self._is_late():
            self._refresh()

    def take(self, intent: Intent) -> None:
        """【进入考试】, 【刷新】, or close a program."""
        if isinstance(intent, Enter) and self._enter_off() is None:
            self._busy = True
            enter(self.room, self._on_granted, self._on_failure)
        elif isinstance(intent, Refresh):
            self._refresh()
        elif isinstance(intent, CloseProgram):
            self.room.ports.guard.ask_to_close(intent.program_id)

    def countdown(self) -> CountdownView | None:
        """Until the door opens, then until the exam begins."""
        around, now_us = self.room.windows(), self.room.now_us
        if now_us < around.entry_opens_us:
            left_s = remaining_s(around.entry_opens_us, now_us)
            return CountdownView(stage=text(T.STAGE_TO_ENTRY), remaining_s=left_s)
        left_s = remaining_s(around.starts_us, now_us)
        return CountdownView(stage=text(T.STAGE_TO_START), remaining_s=left_s) if left_s else None

    def view(self) -> EntryView:
        """Times, reason, checks, programs."""
        around = self.room.windows()
        status, tone, code = self._status()
        return EntryView(
            opens_at=clock_time(around.entry_opens_us),
            closes_at=clock_time(around.entry_closes_us),
            begins_at=clock_time(around.starts_us),
            enter_off=self._enter_off(),
            status=status,
            status_tone=tone,
            status_code=code,
            checks=(self._display_check(),),
            programs=tuple(ProgramView(hit.product, hit.zh) for hit in self._programs_in_the_way()),
            checked_at=clock_time(self._asked_us, with_seconds=True) if self._asked_us else "",
            refresh_off=text(T.COMMON_LOADING) if self._busy else None,
        )

    def _refresh(self) -> None:
        if self._busy:
            return
        self._busy, self._asked_us = True, self.room.now_us
        self.room.run("sitting", self.room.ports.api.sitting, self._on_sitting, self._on_failure)

    def _on_sitting(self, sitting: Sitting) -> None:
        self._busy, self._problem = False, None
        self.room.take_sitting(sitting)

    def _on_granted(self, grant: EntryGranted) -> None:
        self._busy = False
        self.happened(Event.PASSED)

    def _on_failure(self, error: ZhishiyunError) -> None:
        self._busy = False
        self._problem = error.zh or error.message

    def _is_open(self) -> bool:
        return self.room.sitting is not None and self.room.sitting.entry.open

    def _is_late(self) -> bool:
        sitting = self.room.sitting
        return sitting is not None and sitting.entry.code in ("CLOSED", "DONE")

    def _status(self) -> tuple[Words, Tone, str]:
        around, now_us, sitting = self.room.windows(), self.room.now_us, self.room.sitting
        if self._problem is not None:
            return self._problem, Tone.CAUTION, ""
        if self._is_late():
            phone = self.room.plan.support.phone
            at = clock_time(around.entry_closes_us)
            return text(T.ENTRY_E302, at=at, phone=phone), Tone.GRAVE, "E302"
        if now_us < around.entry_opens_us:
            left = minutes_seconds(remaining_s(around.entry_opens_us, now_us))
            return (
                text(T.ENTRY_E301, at=clock_time(around.entry_opens_us), time=left),
                Tone.CALM,
                "E301",
            )
        if sitting is not None and sitting.entered_us is not None:
            return text(T.ENTRY_RE_ENTRY), Tone.GOOD, ""
        return text(T.ENTRY_READY), Tone.GOOD, ""

    def _enter_off(self) -> Words | None:
        around, now_us, sitting = self.room.windows(), self.room.now_us, self.room.sitting
        if self._busy or sitting is None:
            return text(T.COMMON_LOADING)
        if self._is_late():
            return text(T.ENTRY_OFF_LATE)
        if now_us < around.entry_opens_us:
            left = minutes_seconds(remaining_s(around.entry_opens_us, now_us))
            return text(T.ENTRY_OFF_EARLY, time=left)
        if sitting.entry.code in STEP_OF_CODE:
            return text(T.ENTRY_OFF_STEPS, step=text(STEP_OF_CODE[sitting.entry.code]))
        if self.room.plan.guarding.one_display and self._extra_display() is not None:
            return text(T.ENTRY_OFF_DISPLAYS, count=self.room.ports.guard.displays())
        if self._programs_in_the_way():
            return text(T.ENTRY_OFF_PROGRAMS)
        return None if sitting.entry.open else text(T.COMMON_LOADING)

    def _extra_display(self) -> Finding | None:
        return next((f for f in self._findings() if f.cause is Cause.EXTRA_DISPLAY), None)

    def _findings(self) -> list[Finding]:
        """What stands and was not let pass."""
        return [f for f in self.room.ports.guard.findings() if not self.room.is_allowed(f)]

    def _programs_in_the_way(self) -> list[ProcessHit]:
        guard = self.room.ports.guard
        blocking = {
            f.subject
            for f in self._findings()
            if f.severity is Severity.BLOCKS_ENTRY and f.cause is not Cause.EXTRA_DISPLAY
        }
        return [hit for hit in guard.programs() if hit.product in blocking]

    def _display_check(self) -> CheckView:
        extra, count = self._extra_display(), self.room.ports.guard.displays()
        return CheckView(
            name="displays",
            title=text(T.ENTRY_DISPLAYS),
            outcome=CheckOutcome.FAILED if extra else CheckOutcome.PASSED,
            measured=text(T.CHECK_MEASURED_COUNT, count=count)
            if extra
            else text(T.ENTRY_DISPLAYS_ONE),
            advice=text(T.CHECK_DISPLAYS_MANY, count=count) if extra else None,
        )
