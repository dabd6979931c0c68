"""When what happens for one candidate: instants of a sitting, from the plan and T0.

All instants are µs of the exam's clock. Server and client ask the same function.
"""

from __future__ import annotations

from dataclasses import dataclass

from zhishiyun_protocol.plan import ExamPlan, Stage, Start

SECOND_US = 1_000_000


@dataclass(frozen=True, slots=True)
class Windows:
    """The instants around T0 that a plan sets, µs."""

    login_opens_us: int
    lottery_opens_us: int
    lottery_closes_us: int
    entry_opens_us: int
    starts_us: int
    entry_closes_us: int


def windows(plan: ExamPlan, starts_us: int) -> Windows:
    """The windows of a sitting that starts (T0) at `starts_us`."""
    return Windows(
        login_opens_us=starts_us - plan.login.opens_before_s * SECOND_US,
        lottery_opens_us=starts_us - plan.lottery.opens_before_s * SECOND_US,
        lottery_closes_us=starts_us - plan.lottery.closes_before_s * SECOND_US,
        entry_opens_us=starts_us - plan.entry.opens_before_s * SECOND_US,
        starts_us=starts_us,
        entry_closes_us=starts_us + plan.entry.late_cutoff_s * SECOND_US,
    )


@dataclass(frozen=True, slots=True)
class StageTimes:
    """One stage as it runs, µs. It waits before it begins only where the candidate starts it."""

    index: int
    stage: Stage
    waits_from_us: int
    begins_us: int
    ends_us: int


@dataclass(frozen=True, slots=True)
class StageEvents:
    """What the candidate's own acts changed: index of the stage → instant, µs."""

    begun_us: dict[int, int]
    ended_us: dict[int, int]


NO_EVENTS = StageEvents({}, {})


def schedule(
    plan: ExamPlan,
    subject: str,
    starts_us: int,
    events: StageEvents = NO_EVENTS,
    extra_share: float = 0.0,
) -> tuple[StageTimes, ...]:
    """When each stage waits, begins and ends, given what the candidate has done so far.

    A stage ends early only where the plan allows it. A self-started stage that is not begun within
    its grace begins by itself (R133). `extra_share` is extra time: 0.3 = +30 % (R145).
    """
    times: list[StageTimes] = []
    cursor_us = starts_us
    for index, stage in enumerate(plan.stages_for(subject)):
        waits_us = begins_us = cursor_us
        if stage.start is Start.SELF:
            latest_us = waits_us + stage.self_start_grace_s * SECOND_US
            begun_us = events.begun_us.get(index, latest_us)
            begins_us = min(max(begun_us, waits_us), latest_us)
        ends_us = begins_us + round(stage.duration_s * (1 + extra_share)) * SECOND_US
        if stage.may_end_early and index in events.ended_us:
            ends_us = min(ends_us, max(events.ended_us[index], begins_us))
        times.append(StageTimes(index, stage, waits_us, begins_us, ends_us))
        cursor_us = ends_us
    return tuple(times)


def upload_due_us(plan: ExamPlan, starts_us: int, times: tuple[StageTimes, ...]) -> int:
    """Until when every recording must be on the server: of computer and phone alike (R068, R186).

    The clock begins with the end of the last stage as it is scheduled. Whoever ends early by
    【结束考试】 has the longer time: nobody is late because he was quick.
    """
    ends_us = times[-1].ends_us if times else starts_us
    return ends_us + plan.upload.deadline_s * SECOND_US


def stage_at(times: tuple[StageTimes, ...], now_us: int) -> StageTimes | None:
    """The stage that waits or runs at `now_us`; None before the first and after the last."""
    for stage in times:
        if stage.waits_from_us <= now_us < stage.ends_us:
            return stage
    return None


def remaining_s(until_us: int, now_us: int) -> int:
    """Whole seconds left, rounded up, never negative: what every countdown shows."""
    return max(0, -((now_us - until_us) // SECOND_US))
