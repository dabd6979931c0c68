"""The sitting as the candidate sees it, made of facts."""

from __future__ import annotations

from sqlalchemy import Connection

from zhishiyun_protocol.messages.sitting import AttachmentInfo, DrawState, PhoneState, Sitting
from zhishiyun_protocol.timing import windows
from zhishiyun_server.domain.doors import entry_door, lottery_door
from zhishiyun_server.domain.facts import Facts
from zhishiyun_server.keep.allowing import allowed_of
from zhishiyun_server.keep.facts import facts_of, stage_times_of
from zhishiyun_server.keep.phones import phone_states


def needs_lots(facts: Facts, now_us: int) -> bool:
    """Whether the lottery has closed and this candidate still has no number."""
    lottery = facts.plan.lottery
    if not (lottery.enabled and lottery.auto_assign and facts.draw_number is None):
        return False
    return lottery_door(facts.plan, facts.starts_us, now_us).code == "CLOSED"


def draw_state(facts: Facts) -> DrawState | None:
    """抽签 as the candidate sees it; None where the exam draws no lots."""
    if not facts.plan.lottery.enabled:
        return None
    times = windows(facts.plan, facts.starts_us)
    return DrawState(
        commitment=facts.draw_commitment,
        opens_us=times.lottery_opens_us,
        closes_us=times.lottery_closes_us,
        number=facts.draw_number,
        assigned=facts.draw_assigned,
    )


def phone_state(connection: Connection, attempt_id: str) -> PhoneState:
    """The phone that is bound now, and until when all phones' recordings must be here."""
    due_us = {attempt_id: facts_of(connection, attempt_id).upload_due_us()}
    return phone_states(connection, (attempt_id,), due_us)[attempt_id]


def sitting_of(connection: Connection, attempt_id: str, now_us: int, speed: float) -> Sitting:
    """GET /v1/me."""
    facts = facts_of(connection, attempt_id)
    return Sitting(
        attempt_id=attempt_id,
        exam_id=facts.exam_id,
        plan=facts.plan,
        formal=facts.formal,
        starts_us=facts.starts_us,
        now_us=now_us,
        speed=speed,
        subject=facts.subject,
        candidate_name=facts.name,
        ticket_tail=facts.ticket_number[-4:],
        verified_by=facts.verified_by,
        flow_read=facts.flow_read,
        attachments=tuple(
            AttachmentInfo(
                id=a.id,
                title=a.title,
                media_type=a.media_type,
                sha256=a.sha256,
                bytes=a.bytes,
                read=a.read,
            )
            for a in facts.attachments
        ),
        draw=draw_state(facts),
        phone=phone_state(connection, attempt_id),
        entry=entry_door(facts, now_us),
        entered_us=facts.entered_us,
        stages=stage_times_of(connection, attempt_id),
        ended_us=facts.ended_us(now_us),
        paper_ready=facts.paper_ready,
        extra_share=facts.extra_share,
        sealed=facts.sealed,
        news_cursor=facts.news_cursor,
        allowed=allowed_of(connection, attempt_id),
    )
