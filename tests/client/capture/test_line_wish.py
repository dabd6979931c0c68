"""Quality follows the line only when the rest would come too late (issue 4)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhishiyun_client.capture.line_wish import KEEPS_UP_S, LOWEST, TAIL_S, LineLook, LineWish
from zhishiyun_client.capture.rungs import PLACE, RUNGS

LOOK_S = 0.5
Line = Callable[[float], float]  # seconds since the beginning → bytes a second; 0: cut


class Exam:
    """A recording of so many seconds on a line; what is recorded follows the wish at once."""

    def __init__(self, seconds: float, line: Line, weight: float = 1.0) -> None:
        self.wish = LineWish(RUNGS)
        self.seconds, self.line, self.weight = seconds, line, weight
        self.made = self.held = self.rate = 0.0
        self.places: list[tuple[float, int]] = [(0.0, 0)]
        self.now_s = 0.0

    @property
    def waits(self) -> float:
        return self.made - self.held

    def run(self, for_s: float | None = None) -> Exam:
        ends_s = self.seconds if for_s is None else self.now_s + for_s
        while self.now_s < ends_s:
            self.pass_by()
        return self

    def pass_by(self) -> None:
        place = self.places[-1][1]
        self.now_s += LOOK_S
        self.made += RUNGS[place].kbps * 125 * self.weight * LOOK_S
        carries = self.line(self.now_s)
        self.held += min(self.waits, carries * LOOK_S)
        self.rate = carries or self.rate  # a line that is cut says nothing new
        self.wish.look(
            LineLook(
                at_s=self.now_s,
                made_bytes=round(self.made),
                held_bytes=round(self.held),
                rate_bytes_s=self.rate,
                line_bytes_s=self.rate,
                is_held_up=not carries,
                left_s=self.seconds - self.now_s,
            ),
            place,
        )
        if self.wish.place != place:
            self.places.append((self.now_s, self.wish.place))

    def tail_s(self) -> float:
        return self.waits / (self.line(self.now_s) or self.rate)


def kbit(rate: float) -> float:
    return rate * 125


@settings(max_examples=60, deadline=None)
@given(st.floats(300, 20_000), st.integers(600, 7200), st.floats(0.5, 1.0))
def test_from_300_kbit_on_hardly_anything_is_left_at_the_end(
    rate: float, seconds: int, weight: float
) -> None:
    exam = Exam(seconds, lambda _at: kbit(rate), weight).run()

    assert exam.tail_s() <= TAIL_S
    assert len(exam.places) <= 2, "one step at most: the line is what it is"


@settings(max_examples=30, deadline=None)
@given(st.floats(760, 20_000), st.integers(600, 7200))
def test_a_line_that_carries_everything_never_lowers_anything(rate: float, seconds: int) -> None:
    assert Exam(seconds, lambda _at: kbit(rate)).run().places == [(0.0, 0)]


def test_the_step_comes_within_seconds_and_goes_no_lower_than_the_face_moves() -> None:
    exam = Exam(3600, lambda _at: kbit(100)).run()

    assert [place for _, place in exam.places] == [0, LOWEST]
    assert exam.places[1][0] <= 15
    assert RUNGS[LOWEST].name == "G"


def test_what_a_cut_left_behind_is_carried_at_full_quality_when_there_is_time() -> None:
    def cut_for_five_minutes(at_s: float) -> float:
        return 0 if 600 <= at_s < 900 else kbit(1000)

    early = Exam(3600, cut_for_five_minutes).run()
    late = Exam(1150, cut_for_five_minutes).run()

    assert early.places == [(0.0, 0)]
    assert early.tail_s() <= TAIL_S
    assert [place for _, place in late.places] == [0, LOWEST]
    assert late.tail_s() <= TAIL_S


def test_a_cut_alone_lowers_nothing() -> None:
    exam = Exam(3600, lambda at_s: kbit(1000) if at_s < 60 else 0).run(600)

    assert exam.places == [(0.0, 0)]


def test_up_again_comes_slowly_and_slower_when_it_was_too_early() -> None:
    def better_for_a_minute_at_times(at_s: float) -> float:
        return kbit(2000) if at_s % 150 < 75 and at_s > 60 else kbit(300)

    exam = Exam(7200, better_for_a_minute_at_times).run(3000)
    ups = [at_s for at_s, place in exam.places[1:] if place == 0]

    assert exam.wish.calm_s > 60
    assert len(ups) <= 4
    assert exam.waits < 120 * RUNGS[0].kbps * 125


def test_a_line_that_got_better_for_good_brings_everything_back() -> None:
    exam = Exam(3600, lambda at_s: kbit(300) if at_s < 300 else kbit(1000)).run()

    assert [place for _, place in exam.places] == [0, PLACE["G"], 0]
    assert exam.places[-1][0] <= 300 + 60 + 150, "once the backlog is carried"


def test_a_line_that_just_carries_the_lower_rung_is_not_tried_again() -> None:
    exam = Exam(3600, lambda _at: kbit(500)).run()

    assert [place for _, place in exam.places] == [0, PLACE["G"]]


@pytest.mark.parametrize("rate", [0.0, kbit(50)])
def test_before_anything_waits_nothing_is_said(rate: float) -> None:
    wish = LineWish(RUNGS)
    made = round(KEEPS_UP_S * kbit(RUNGS[0].kbps)) - 1
    for at_s in range(60):
        look = LineLook(float(at_s), made, 0, rate, rate, is_held_up=False, left_s=3600)
        assert wish.look(look, 0) is None
