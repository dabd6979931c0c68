"""Who may pass at which instant. Instants are of arrival at the server, never of the client."""

from __future__ import annotations

from zhishiyun_protocol.messages.sitting import Door
from zhishiyun_protocol.plan import ExamPlan
from zhishiyun_protocol.timing import SECOND_US, windows
from zhishiyun_server.domain.facts import Facts

RESCUE_S = 30 * 24 * 3600  # after the exam, the upload may still be finished (R052, R189)


def login_door(plan: ExamPlan, starts_us: int, now_us: int, *, entered: bool) -> Door:
    """The login: opens before T0; whoever never entered cannot after the entry has closed.

    Whoever entered may come back: to go on while the exam runs, to finish the upload afterwards.
    """
    times = windows(plan, starts_us)
    closes_us = rescue_ends_us(plan, starts_us) if entered else times.entry_closes_us
    return _between(
        now_us, times.login_opens_us, closes_us, early="LOGIN_NOT_OPEN", late="LOGIN_CLOSED"
    )


def rescue_ends_us(plan: ExamPlan, starts_us: int) -> int:
    """Until when somebody who entered can log in at all, and how long his session lasts."""
    return exam_ends_us(plan, starts_us) + RESCUE_S * SECOND_US


def exam_ends_us(plan: ExamPlan, starts_us: int) -> int:
    """The last instant at which anybody can still sit this exam."""
    subjects = {subject for stage in plan.stages for subject in stage.subjects} | {""}
    longest_s = max(plan.latest_end_s(subject) for subject in subjects)
    return starts_us + 2 * longest_s * SECOND_US  # 2: extra time may double it


def lottery_door(plan: ExamPlan, starts_us: int, now_us: int) -> Door:
    """抽签: closed means that everybody has a number by now (R081)."""
    times = windows(plan, starts_us)
    return _between(
        now_us, times.lottery_opens_us, times.lottery_closes_us, early="NOT_YET", late="CLOSED"
    )


def entry_door(facts: Facts, now_us: int) -> Door:
    """【进入考试】: first entry, or coming back by whoever was in (R100–R104, R148)."""
    if facts.ended_us(now_us) is not None and facts.entered_us is not None:
        return Door(open=False, code="DONE")
    times = windows(facts.plan, facts.starts_us)
    comes_back = facts.entered_us is not None and facts.plan.entry.reentry_allowed
    closes_us = facts.ends_us() if comes_back else times.entry_closes_us
    door = _between(now_us, times.entry_opens_us, closes_us, early="NOT_YET", late="CLOSED")
    if not door.open or comes_back:
        return door
    code = _requirement(facts)
    return Door(open=not code, code=code, opens_us=door.opens_us, closes_us=door.closes_us)


def paper_opens(facts: Facts, now_us: int) -> bool:
    """Whether the paper's key may leave the server: from T0 on, by the server's clock (R122)."""
    return now_us >= facts.starts_us


def _requirement(facts: Facts) -> str:
    """The first thing that is still to be done before entering; "" when nothing is."""
    if "reading_flow" in facts.plan.flow and not facts.flow_read:
        return "FLOW_UNREAD"
    if any(a.must_open and not a.read for a in facts.attachments):
        return "ATTACHMENTS_UNREAD"
    if facts.plan.lottery.enabled and facts.draw_number is None:
        return "NOT_DRAWN"
    wants_phone = "binding" in facts.plan.flow and facts.plan.binding.required
    if wants_phone and not facts.phone_bound:
        return "PHONE_UNBOUND"
    if wants_phone and facts.plan.binding.must_film and not facts.phone_films:
        return "PHONE_NOT_FILMING"
    return ""


def _between(now_us: int, opens_us: int, closes_us: int, *, early: str, late: str) -> Door:
    """Open from `opens_us` up to and including `closes_us`."""
    code = early if now_us < opens_us else late if now_us > closes_us else ""
    return Door(open=not code, code=code, opens_us=opens_us, closes_us=closes_us)
