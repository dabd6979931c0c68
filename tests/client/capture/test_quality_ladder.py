"""The ladder of quality with a clock moved by hand: down early, up late, never to and fro."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhishiyun_client.capture.quality_ladder import (
    BUSY_SHARE,
    CALM_S,
    DISK_STEPS,
    LONGEST_CALM_S,
    RELEASE,
    WINDOW_S,
    QualityLadder,
)
from zhishiyun_client.capture.rungs import PLACE, RUNGS, Rung
from zhishiyun_client.ports.quality import Load, Readings, Step

LOOK_S = 0.5
LOWEST = len(RUNGS) - 1
Strain = Callable[[Rung], float]


class Machine:
    """A machine on which a rung keeps the camera busy for some share of its time."""

    def __init__(self, ladder: QualityLadder, busy: Strain) -> None:
        self.ladder = ladder
        self.busy = busy
        self.now = Readings(at_s=100.0)
        self.steps: list[tuple[float, Step]] = []

    def run(self, seconds: float, **changes: object) -> list[Step]:
        """Let so much time pass; the steps that were taken in it."""
        self.now = replace(self.now, **changes)  # type: ignore[arg-type]
        before = len(self.steps)
        for _ in range(round(seconds / LOOK_S)):
            self._pass()
        return [step for _, step in self.steps[before:]]

    def _pass(self) -> None:
        rung = self.ladder.rung
        busy = self.busy(rung)
        due = rung.camera_fps * LOOK_S
        missed = due * max(0.0, busy - 1) / max(busy, 1)
        was = self.now.camera
        self.now = replace(
            self.now,
            at_s=self.now.at_s + LOOK_S,
            camera=Load(
                was.taken + round(due - missed),
                was.missed + round(missed),
                was.busy_us + round(min(busy, 1.0) * LOOK_S * 1_000_000),
            ),
        )
        step = self.ladder.look(self.now)
        if step is not None:
            self.steps.append((self.now.at_s, step))


def machine(busy: Strain = lambda _rung: 0.2) -> Machine:
    return Machine(QualityLadder(RUNGS), busy)


def cost(rung: Rung) -> float:
    """What a rung costs, the best one 1."""
    best = RUNGS[0]
    camera = rung.camera_fps * rung.camera_height_px**2
    return (
        0.1 + 0.6 * camera / (best.camera_fps * best.camera_height_px**2) + 0.03 * rung.screen_fps
    )


def test_a_machine_that_is_fast_enough_stays_where_it_is() -> None:
    assert machine().run(3600) == []


def test_it_steps_down_before_a_picture_is_missed() -> None:
    slow = machine(lambda rung: 0.8 * cost(rung))
    steps = slow.run(20)

    assert steps
    assert steps[0].is_down
    assert steps[0].why == "cpu"
    assert slow.now.camera.missed == 0
    assert 0.8 * cost(slow.ladder.rung) < BUSY_SHARE


def test_missing_many_pictures_costs_two_steps_at_once() -> None:
    steps = machine(lambda rung: 3.0 if rung is RUNGS[0] else 0.1).run(WINDOW_S + 1)

    assert [step.place for step in steps] == [2]


def test_it_goes_up_again_after_a_calm_time_and_not_before() -> None:
    slow = machine(lambda _rung: 0.9)
    slow.run(WINDOW_S * 2 + LOOK_S)
    fell_to = slow.ladder.place
    slow.busy = lambda _rung: 0.1

    assert slow.run(CALM_S) == []
    steps = slow.run(LOWEST * (CALM_S + 2 * WINDOW_S))
    assert [step.place for step in steps] == list(range(fell_to - 1, -1, -1))
    assert {step.why for step in steps} == {"cpu_over"}


def test_a_step_that_was_too_early_is_tried_less_and_less_often() -> None:
    slow = machine(lambda rung: 0.9 if rung is RUNGS[0] else 0.2)
    slow.run(3600)

    climbs = [at_s for at_s, step in slow.steps if not step.is_down]
    waits = [after - before for before, after in pairwise(climbs)]
    assert waits[0] < waits[-1]
    assert waits[-1] > LONGEST_CALM_S
    assert len(climbs) < 20


@pytest.mark.parametrize(("limit_bytes", "name"), DISK_STEPS)
def test_little_room_on_the_disk_names_its_rung(limit_bytes: int, name: str) -> None:
    roomy = machine()
    steps = roomy.run(1, disk_free_bytes=limit_bytes - 1)

    assert [(step.place, step.why) for step in steps] == [(PLACE[name], "disk_low")]
    assert roomy.run(60, disk_free_bytes=limit_bytes + 1) == []
    back = roomy.run(1, disk_free_bytes=1 << 40)
    assert [(step.place, step.why) for step in back] == [(0, "disk_low_over")]
    assert RELEASE > 1


def test_a_disk_that_takes_long_lowers_quality_step_by_step() -> None:
    slow = machine()
    steps = slow.run(3 * WINDOW_S + 2, slow_write_us=400_000)

    assert [step.why for step in steps[:2]] == ["disk_slow", "disk_slow"]
    assert slow.ladder.place >= 2
    assert slow.run(LOWEST * (CALM_S + 2 * WINDOW_S), slow_write_us=0)[-1].place == 0


def test_a_low_battery_counts_only_off_the_mains() -> None:
    laptop = machine()

    assert laptop.run(5, battery_percent=8, is_plugged=True) == []
    assert [step.why for step in laptop.run(5, is_plugged=False)] == ["battery"]
    assert laptop.ladder.rung.name == "M"
    assert [step.why for step in laptop.run(5, is_plugged=True)] == ["battery_over"]


def test_the_line_may_ask_for_what_it_can_carry() -> None:
    home = machine()
    for rung in RUNGS:
        home.run(1, wanted_kbps=rung.kbps)
        assert home.ladder.rung is rung
    home.run(1, wanted_kbps=1)
    assert home.ladder.rung is RUNGS[-1]


def test_of_two_pressures_the_heavier_one_is_named() -> None:
    both = machine()
    both.run(1, battery_percent=15, is_plugged=False)
    steps = both.run(1, disk_free_bytes=1 << 20)

    assert [(step.place, step.why) for step in steps] == [(LOWEST, "disk_low")]
    assert [step.why for step in both.run(1, disk_free_bytes=1 << 40)] == ["disk_low_over"]
    assert both.ladder.pressure == "battery"


@settings(deadline=None, max_examples=40)
@given(st.floats(0.0, 40.0))
def test_however_slow_the_machine_a_minute_finds_a_rung_that_holds(slowness: float) -> None:
    found = machine(lambda rung: slowness * cost(rung))
    found.run(60)
    missed = found.now.camera.missed
    steps = found.run(CALM_S - WINDOW_S)

    place = found.ladder.place
    holds = slowness * cost(RUNGS[place]) < BUSY_SHARE
    assert holds or place == LOWEST or any(step.is_down for step in steps)
    if holds and not steps:
        assert found.now.camera.missed == missed


def _weather() -> Iterator[object]:
    yield st.tuples(
        st.floats(0.0, 5.0),
        st.integers(0, 1 << 31),
        st.integers(0, 1_000_000),
        st.one_of(st.none(), st.integers(0, 100)),
        st.booleans(),
        st.one_of(st.none(), st.integers(1, 2000)),
    )


@settings(deadline=None, max_examples=40)
@given(st.lists(next(_weather()), max_size=12))  # type: ignore[arg-type]
def test_whatever_happens_it_comes_back_to_the_best_rung(weather: list[tuple]) -> None:
    tried = machine()
    for busy, free, write_us, percent, plugged, kbps in weather:
        tried.busy = lambda _rung, busy=busy: busy  # type: ignore[misc]
        tried.run(
            7,
            disk_free_bytes=free,
            slow_write_us=write_us,
            battery_percent=percent,
            is_plugged=plugged,
            wanted_kbps=kbps,
        )
        assert 0 <= tried.ladder.place <= LOWEST
    places = [0, *(step.place for _, step in tried.steps)]
    assert all(before != after for before, after in pairwise(places))
    tried.busy = lambda _rung: 0.1
    tried.run(
        2 * LOWEST * (LONGEST_CALM_S + WINDOW_S),
        disk_free_bytes=1 << 40,
        slow_write_us=0,
        battery_percent=None,
        wanted_kbps=None,
    )
    assert tried.ladder.rung is RUNGS[0]
