"""Stages by the clock, by the candidate, and after coming back (R130–R148)."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from zhishiyun_client.runtime.paths import resources
from zhishiyun_protocol.plan import read_plan
from zhishiyun_protocol.timing import (
    SECOND_US,
    StageEvents,
    remaining_s,
    schedule,
    stage_at,
    upload_due_us,
    windows,
)

T0_US = 1_700_000_000_000_000
PLAN_B = read_plan((resources() / "plans" / "b.toml").read_bytes())


def seconds(us: int) -> int:
    return (us - T0_US) // SECOND_US


def test_the_lesson_begins_when_the_candidate_starts_it() -> None:
    events = StageEvents({1: T0_US + 1230 * SECOND_US}, {})

    _, lesson = schedule(PLAN_B, "语文", T0_US, events)

    assert (seconds(lesson.begins_us), seconds(lesson.ends_us)) == (1230, 1830)


def test_a_lesson_nobody_starts_begins_after_its_grace() -> None:
    _, lesson = schedule(PLAN_B, "语文", T0_US)

    assert seconds(lesson.begins_us) == 1200 + 300


def test_art_follows_the_lesson_without_a_pause() -> None:
    events = StageEvents({1: T0_US + 1200 * SECOND_US}, {})

    times = schedule(PLAN_B, "美术", T0_US, events)

    assert [seconds(t.begins_us) for t in times] == [0, 1200, 1800, 5400]
    assert seconds(times[-1].ends_us) == 5580


def test_extra_time_lengthens_every_stage() -> None:
    prep, _ = schedule(PLAN_B, "语文", T0_US, extra_share=0.5)

    assert seconds(prep.ends_us) == 1800


def test_the_windows_are_those_of_the_notice() -> None:
    around = windows(PLAN_B, T0_US)

    assert seconds(around.login_opens_us) == -1800
    assert seconds(around.entry_opens_us) == -900
    assert seconds(around.entry_closes_us) == 300


@given(
    begun=st.integers(-10_000, 10_000),
    ended=st.integers(-10_000, 10_000),
    now=st.integers(-10_000, 10_000),
)
def test_stages_never_overlap_and_never_outrun_the_plan(begun: int, ended: int, now: int) -> None:
    events = StageEvents({1: T0_US + begun * SECOND_US}, {1: T0_US + ended * SECOND_US})

    times = schedule(PLAN_B, "美术", T0_US, events)

    for before, after in itertools.pairwise(times):
        assert before.waits_from_us <= before.begins_us <= before.ends_us == after.waits_from_us
    assert times[-1].ends_us <= T0_US + PLAN_B.latest_end_s("美术") * SECOND_US
    running = stage_at(times, T0_US + now * SECOND_US)
    assert (running is None) == (not T0_US <= T0_US + now * SECOND_US < times[-1].ends_us)


@given(until=st.integers(0, 10**15), now=st.integers(0, 10**15))
def test_a_countdown_is_never_negative_and_reaches_zero_on_time(until: int, now: int) -> None:
    left = remaining_s(until, now)

    assert left >= 0
    assert (left == 0) == (now >= until)
    assert (left - 1) * SECOND_US < max(until - now, 0) <= left * SECOND_US or left == 0


def test_the_uploads_clock_begins_with_the_end_of_the_last_stage() -> None:  # R068, R186
    times = schedule(PLAN_B, "语文", T0_US, StageEvents({1: T0_US + 1200 * SECOND_US}, {}))

    due_us = upload_due_us(PLAN_B, T0_US, times)

    assert due_us == times[-1].ends_us + PLAN_B.upload.deadline_s * SECOND_US
    assert upload_due_us(PLAN_B, T0_US, ()) == T0_US + PLAN_B.upload.deadline_s * SECOND_US
