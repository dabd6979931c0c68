"""The conductor: reports and intents in, events to the machine, frames out."""

from __future__ import annotations

import logging

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from zhishiyun_client.domain.phases import (
    RECORDED,
    STAGE_EVENTS,
    STAGES,
    Event,
    Phase,
    table_for,
)
from zhishiyun_client.flow import framing
from zhishiyun_client.flow.help_line import HelpLine
from zhishiyun_client.flow.intents import (
    AskToEnd,
    ChooseLanguage,
    ConfirmEnd,
    DismissNotice,
    Intent,
    KeepAnswering,
    Leave,
)
from zhishiyun_client.flow.listener import Listener
from zhishiyun_client.flow.machine import PhaseMachine
from zhishiyun_client.flow.my_data import MyData
from zhishiyun_client.flow.notices import Notices
from zhishiyun_client.flow.outbox import Outbox
from zhishiyun_client.flow.room import Room
from zhishiyun_client.flow.steps.table import STEPS
from zhishiyun_client.flow.telling_staff import StaffTeller
from zhishiyun_client.flow.views import EndQuestionView, FrameView
from zhishiyun_client.ports.recorder import Quit, RecorderState, SetPhase
from zhishiyun_client.runtime.clock import monotonic_us
from zhishiyun_protocol.timing import remaining_s

LOG = logging.getLogger(__name__)
NEAR_BEAT_MS = 20  # around T0, so that no two candidates are a beat apart (R122)
NEAR_BEFORE_US, NEAR_AFTER_US = 1_000_000, 5_000_000
BEAT_MS = 200  # countdowns change within a fifth of a second of the exam's clock
MAY_LEAVE = frozenset(Phase) - RECORDED - {Phase.ENDING}


class Conductor(QObject):
    """One candidate's way from the first page to the receipt.

    Signals:
        framed(FrameView): what the window shows from now on.
        phase_entered(Phase)
        left(): the candidate closed the window and may go.
    """

    framed = Signal(object)
    phase_entered = Signal(object)
    left = Signal()

    def __init__(self, room: Room, start: Phase) -> None:
        super().__init__()
        self.room = room
        self._help = HelpLine(room)
        self._my_data = MyData(room)
        self._outbox = Outbox(room)
        self._notices = Notices(room)
        self._staff = StaffTeller(room)
        self._listener = Listener(room, self._notices, self._help, self.happened)
        self._steps = {phase: step(room, self.happened) for phase, step in STEPS.items()}
        self._machine = PhaseMachine(table_for(room.plan.flow), start)
        self._machine.entered.connect(self._on_entered)
        self._step = self._steps[start]
        self._entered = False
        self._ending = False
        self._timer = QTimer(self)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self._on_beat)

    @property
    def phase(self) -> Phase:
        """Where the candidate is."""
        return self._machine.phase

    def start(self) -> None:
        """Enter the first phase; the event loop must run. Thread: ui."""
        self._machine.start()
        self._timer.start()

    def stop(self) -> None:
        """No more beats. Thread: ui."""
        self._timer.stop()

    def happened(self, event: Event) -> None:
        """Tell the machine. Thread: ui."""
        LOG.info("event %s in %s", event.value, self.phase.value)
        self._machine.post(event)

    @Slot(object)
    def take(self, intent: Intent) -> None:
        """What the candidate asked for."""
        if isinstance(intent, ChooseLanguage):
            self.room.language = intent.language
        elif isinstance(intent, AskToEnd):
            self._ending = self.phase in STAGES
        elif isinstance(intent, KeepAnswering):
            self._ending = False
        elif isinstance(intent, ConfirmEnd):
            self._confirm_end()
        elif isinstance(intent, DismissNotice):
            self._notices.dismiss(intent.key)
        elif isinstance(intent, Leave):
            self._leave()
        elif not (self._help.take(intent) or self._my_data.take(intent)):
            self._step.take(intent)
        self._frame()

    @Slot(object)
    def hear(self, report: object) -> None:
        """What a machine said."""
        self._listener.hear(report, self.phase)
        self._step.hear(report)

    @Slot()
    def _on_beat(self) -> None:
        local_us = monotonic_us()
        if self._entered:
            self._watch_stages()
            self._step.beat()
        self._outbox.beat(local_us)
        self._help.beat(local_us)
        self._my_data.beat(local_us)
        self._staff.beat()
        if self.phase in RECORDED:
            self.room.papers.beat(local_us)
        self._frame()
        self._choose_beat()

    def _choose_beat(self) -> None:
        room = self.room
        since_us = (room.now_us - room.starts_us) / room.ports.clock.speed
        is_near = -NEAR_BEFORE_US < since_us < NEAR_AFTER_US and not room.papers.views
        beat_ms = NEAR_BEAT_MS if is_near and self.phase in RECORDED else BEAT_MS
        if self._timer.interval() != beat_ms:
            self._timer.setInterval(beat_ms)

    @Slot(object)
    def _on_entered(self, phase: Phase) -> None:
        if self._entered:
            self._step.leave()
        self._entered = True
        self._ending = False
        self._step = self._steps[phase]
        self.room.note("phase", {"phase": phase.value})
        self.room.ports.recorder.say(SetPhase(phase=phase.value))
        self._step.enter()
        self.phase_entered.emit(phase)
        self._frame()

    def _watch_stages(self) -> None:
        """Lead into the stage that the clock says, and out of the last one (R121, R131, R181)."""
        phase, room = self.phase, self.room
        if phase is not Phase.WAITING and phase not in STAGES:
            if phase is Phase.DEVICE_CONFIRMATION and self._is_over():
                self._end("time_up")
            return
        if room.now_us < room.starts_us:
            return
        stage = room.current_stage()
        if stage is None:
            self._end("time_up")
        elif stage.stage.kind.value != phase.value:
            self.happened(STAGE_EVENTS[stage.stage.kind])

    def _is_over(self) -> bool:
        return self.room.now_us >= self.room.schedule()[-1].ends_us

    def _confirm_end(self) -> None:
        if self._ending and self.phase in STAGES:
            self._end("candidate")

    def _end(self, why: str) -> None:
        self._ending = False
        self.room.ended_why = why
        self.happened(Event.EXAM_OVER)

    def _leave(self) -> None:
        if self.phase not in MAY_LEAVE:
            return
        status = self.room.status
        idle = status is None or status.state in (RecorderState.PREVIEW, RecorderState.DONE)
        self.room.ports.recorder.say(Quit())
        LOG.info("window closed in %s, recorder %s", self.phase.value, "idle" if idle else "busy")
        self.left.emit()

    def _frame(self) -> None:
        if not self._entered:
            return
        room, phase = self.room, self.phase
        countdown = self._step.countdown()
        self.framed.emit(
            FrameView(
                page=self._step.view(),
                header=framing.header(room),
                panel=framing.panel(room, phase, countdown),
                steps=framing.steps(room, phase),
                notices=self._notices.standing(phase, countdown, monotonic_us()),
                help=self._help.view(),
                my_data=self._my_data.view(phase),
                noun=room.noun,
                end_question=self._end_question(),
            )
        )

    def _end_question(self) -> EndQuestionView | None:
        stage = self.room.current_stage()
        if not self._ending or stage is None:
            return None
        left = [t.stage.title for t in self.room.schedule() if t.index > stage.index]
        return EndQuestionView(
            remaining_s=remaining_s(stage.ends_us, self.room.now_us),
            stages_left="、".join(left) or None,
        )
