"""The exam's clock over restarts and speeds."""

from __future__ import annotations

import sys
import time

import msgspec
import pytest

from zhishiyun_server.clock import Anchor, ExamClock, continued

SECOND_US = 1_000_000
YEAR_US = 366 * 24 * 3600 * SECOND_US


def wall_us() -> int:
    return time.time_ns() // 1000


def monotonic_us() -> int:
    return time.monotonic_ns() // 1000


def test_a_fresh_clock_shows_the_time_of_the_machine() -> None:
    clock = continued(None, None)

    assert clock.now_us() == pytest.approx(wall_us(), abs=SECOND_US)
    assert clock.speed == 1.0


def test_a_restart_goes_on_at_the_speed_it_had() -> None:
    kept = Anchor(wall_us=wall_us() - 10 * SECOND_US, exam_us=5_000 * SECOND_US, speed=60)

    clock = continued(kept, None)

    assert clock.speed == 60
    assert clock.now_us() == pytest.approx(5_600 * SECOND_US, abs=30 * SECOND_US)


def test_another_speed_begins_where_the_clock_stands() -> None:
    kept = Anchor(wall_us=wall_us(), exam_us=5_000 * SECOND_US, speed=60)

    clock = continued(kept, 2)

    assert clock.speed == 2
    assert clock.now_us() == pytest.approx(5_000 * SECOND_US, abs=30 * SECOND_US)


def test_a_machine_whose_clock_was_set_back_never_sets_the_exam_back() -> None:
    kept = Anchor(wall_us=wall_us() + 3600 * SECOND_US, exam_us=5_000 * SECOND_US, speed=1)

    assert continued(kept, None).now_us() >= 5_000 * SECOND_US


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells which start this is")
@pytest.mark.parametrize("year", [-1, 1])
def test_a_restart_does_not_ask_a_date_that_somebody_has_set(year: int) -> None:
    before = ExamClock(exam_us=5_000 * SECOND_US, monotonic_us=monotonic_us(), speed=1).anchor()
    set_since = msgspec.structs.replace(before, wall_us=before.wall_us + year * YEAR_US)
    another_start = msgspec.structs.replace(set_since, boot="another")

    here = continued(set_since, None).now_us()
    there = continued(another_start, None).now_us()

    assert here == pytest.approx(5_000 * SECOND_US, abs=30 * SECOND_US)
    assert there >= 5_000 * SECOND_US


def test_an_anchor_of_before_is_still_read() -> None:
    kept = msgspec.json.decode(b'{"wall_us": 1, "exam_us": 2, "speed": 3.0}', type=Anchor)

    assert kept == Anchor(wall_us=1, exam_us=2, speed=3.0)


def test_real_and_exam_durations_convert_both_ways() -> None:
    clock = ExamClock(exam_us=0, monotonic_us=monotonic_us(), speed=10)

    later_us = clock.after_real_us(6)

    assert later_us == pytest.approx(60 * SECOND_US, abs=SECOND_US)
    assert clock.real_s(later_us) == pytest.approx(6, abs=0.5)
