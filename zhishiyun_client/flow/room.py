"""The room: everything that the steps of one candidate share. Only the UI thread touches it."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from zhishiyun_client.flow.consenting import Decision, Face, recall
from zhishiyun_client.flow.machines import Ports
from zhishiyun_client.flow.papers import Papers
from zhishiyun_client.i18n.language import Language, Noun
from zhishiyun_client.i18n.words import Words
from zhishiyun_client.ports.recorder import Choose, Devices, Status
from zhishiyun_client.ports.watching import Finding
from zhishiyun_client.runtime.errands import Errand
from zhishiyun_protocol.errors import ZhishiyunError
from zhishiyun_protocol.messages.entering import Enrolled
from zhishiyun_protocol.messages.evidence import Receipt
from zhishiyun_protocol.messages.sitting import Act, ActKind, Sitting
from zhishiyun_protocol.plan import ExamPlan
from zhishiyun_protocol.signing import SigningKey
from zhishiyun_protocol.timing import (
    StageEvents,
    StageTimes,
    Windows,
    schedule,
    stage_at,
    upload_due_us,
    windows,
)

LOG = logging.getLogger(__name__)
Result = TypeVar("Result")
SITTING_KEPT_AS = "sitting"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who this desk is for: from the ticket and the device key."""

    ticket_id: str
    device_key: SigningKey = field(repr=False)
    server_url: str
    server_key: str


class Room:
    """State of one candidate's sitting on this desk, and the small deeds that steps share."""

    def __init__(
        self,
        ports: Ports,
        identity: Identity,
        enrolled: Enrolled,
        say: Callable[[Words], str] = str,
    ) -> None:
        self.ports = ports
        self.identity = identity
        self.enrolled = enrolled
        self.say = say
        self.language = Language.ZH
        self.sitting: Sitting | None = None
        self.status: Status | None = None
        self.devices: Devices | None = None
        self.receipt: Receipt | None = None
        self.demonstration: tuple[Words, ...] = ()
        self.papers = Papers(ports, self._now_us, self._starts_us)
        self.findings: dict[tuple[str, str], Finding] = {}
        self.consent: Decision | None = recall(ports.journal, identity.ticket_id)
        self.wanted = Choose(camera_id="", microphone_id="")
        self.ended_why = ""
        self.outgoing: list[Act] = list(ports.journal.pending())
        self._begun_us: dict[int, int] = {}
        self._ended_us: dict[int, int] = {}

    @property
    def plan(self) -> ExamPlan:
        """The exam's plan."""
        return self.enrolled.plan

    @property
    def noun(self) -> Noun:
        """考试 or 面试, as the notice says."""
        return Noun.EXAM if self.plan.wording.noun == "考试" else Noun.INTERVIEW

    @property
    def now_us(self) -> int:
        """The exam's clock; 0 while unknown."""
        return self.ports.clock.now_us() or 0

    def is_allowed(self, finding: Finding) -> bool:
        """Whether a supervisor let this finding pass for this candidate."""
        allowed = self.sitting.allowed if self.sitting else ()
        return any(
            each.rule == finding.rule and each.subject in ("", finding.subject) for each in allowed
        )

    @property
    def starts_us(self) -> int:
        """T0."""
        return self.sitting.starts_us if self.sitting else self.enrolled.starts_us

    @property
    def subject(self) -> str:
        """The candidate's 科目."""
        return self.sitting.subject if self.sitting else self.enrolled.subject

    @property
    def face_consent(self) -> bool:
        """Whether the face may be looked at by a machine."""
        return self.consent is not None and self.consent.face is Face.GIVEN

    def _now_us(self) -> int:
        return self.now_us

    def _starts_us(self) -> int:
        return self.starts_us

    def windows(self) -> Windows:
        """The instants around T0."""
        return windows(self.plan, self.starts_us)

    def schedule(self) -> tuple[StageTimes, ...]:
        """The stages as they run, with everything the candidate did."""
        begun, ended = dict(self._begun_us), dict(self._ended_us)
        extra_share = 0.0
        if self.sitting:
            extra_share = self.sitting.extra_share
            for stage in self.sitting.stages:
                if stage.begun_us is not None:
                    begun.setdefault(stage.index, stage.begun_us)
                if stage.ended_us is not None:
                    ended.setdefault(stage.index, stage.ended_us)
        events = StageEvents(begun, ended)
        return schedule(self.plan, self.subject, self.starts_us, events, extra_share)

    def upload_due_us(self) -> int:
        """Until when every recording must be on the server: one clock for computer and phone."""
        return upload_due_us(self.plan, self.starts_us, self.schedule())

    def current_stage(self) -> StageTimes | None:
        """The stage that waits or runs now."""
        return stage_at(self.schedule(), self.now_us)

    def begin_stage(self, index: int) -> None:
        """The candidate starts a stage himself (R132); holds also without a network."""
        if index not in self._begun_us:
            self._begun_us[index] = self.now_us
            self.do(ActKind.STAGE_BEGUN, index=index)

    def end_stage(self, index: int) -> None:
        """The candidate ends a stage early where the plan allows it."""
        if index not in self._ended_us:
            self._ended_us[index] = self.now_us
            self.do(ActKind.STAGE_ENDED, index=index)

    def remember_stages(self, begun_us: dict[int, int], ended_us: dict[int, int]) -> None:
        """Take back what the journal knows after a restart."""
        self._begun_us.update(begun_us)
        self._ended_us.update(ended_us)

    def do(
        self, kind: ActKind, *, subject: str = "", index: int | None = None, version: str = ""
    ) -> None:
        """Write an act down and have it sent; it is sent again until the server keeps it (§11)."""
        act = Act(
            id=uuid.uuid4().hex,
            kind=kind,
            at_us=self.now_us,
            error_us=self.ports.clock.error_us(),
            subject=subject,
            index=index,
            version=version,
        )
        self.outgoing.append(act)
        self.write("intend", lambda: self.ports.journal.intend(act))

    def run(
        self,
        name: str,
        call: Callable[[], Result],
        done: Callable[[Result], None],
        failed: Callable[[ZhishiyunError], None],
    ) -> None:
        """Have a call run off the UI thread."""
        self.ports.errands.run(Errand(name, call, done, failed))

    def open_devices(self) -> None:
        """Have camera and microphone opened for preview; called when the page has said why."""
        self.ports.recorder.say(self.wanted)

    def write(self, name: str, call: Callable[[], object]) -> None:
        """Have something written off the UI thread, in order; a fault ends up in the log."""
        self.ports.disk.run(Errand(name, call, _ignore, _log_fault))

    def note(self, kind: str, facts: dict[str, str]) -> None:
        """Put one line in the desk's journal."""
        at_us = self.now_us
        self.write("note", lambda: self.ports.journal.note(kind, facts, at_us))

    def take_sitting(self, sitting: Sitting) -> None:
        """The newest word of the server; kept without the name, for a start without a network."""
        self.sitting = sitting
        nameless = msgspec.json.encode(msgspec.structs.replace(sitting, candidate_name=""))
        self.write("sitting", lambda: self.ports.files.keep_sealed(SITTING_KEPT_AS, nameless))


def _ignore(_result: object) -> None:
    """Nothing follows from a finished write."""


def _log_fault(error: ZhishiyunError) -> None:
    LOG.error("not written: %s", error.code)
