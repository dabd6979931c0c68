"""What is known of one candidate's attempt: the value on which every rule decides."""

from __future__ import annotations

from dataclasses import dataclass

from zhishiyun_protocol.plan import ExamPlan
from zhishiyun_protocol.timing import StageEvents, StageTimes, schedule, upload_due_us


@dataclass(frozen=True, slots=True)
class AttachmentFact:
    """The version of a document that counts."""

    id: str
    title: str
    media_type: str
    sha256: str
    bytes: int
    must_open: bool
    read: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """One attempt as the server knows it, at one moment. Instants µs of the exam's clock."""

    plan: ExamPlan
    plan_sha256: str
    exam_id: str
    starts_us: int
    formal: bool
    attempt_id: str
    ticket_id: str
    ticket_number: str
    name: str
    subject: str
    extra_share: float
    device_key: str
    verified_by: str
    entered_us: int | None
    flow_read: bool
    attachments: tuple[AttachmentFact, ...]
    draw_commitment: str
    draw_number: int | None
    draw_assigned: bool
    phone_bound: bool
    phone_films: bool
    events: StageEvents
    exam_ended_us: int | None
    paper_ready: bool
    sealed: bool
    news_cursor: int

    def schedule(self) -> tuple[StageTimes, ...]:
        """When each stage runs, given what the candidate did."""
        return schedule(self.plan, self.subject, self.starts_us, self.events, self.extra_share)

    def ends_us(self) -> int:
        """When the last stage ends."""
        times = self.schedule()
        return times[-1].ends_us if times else self.starts_us

    def upload_due_us(self) -> int:
        """Until when every recording must be here; what comes later counts, and is late (R186)."""
        return upload_due_us(self.plan, self.starts_us, self.schedule())

    def ended_us(self, now_us: int) -> int | None:
        """When the exam ended: by 【结束考试】 or by the clock; None while it goes on."""
        ends_us = self.ends_us()
        if self.exam_ended_us is not None:
            return min(self.exam_ended_us, ends_us)
        return ends_us if now_us >= ends_us else None
