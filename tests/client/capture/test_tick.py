"""Beats that never queue: late is skipped and counted (style §8 T5)."""

from __future__ import annotations

import pytest

from zhishiyun_client.capture.tick import Decimator, Ticker

MS = 1000


def kept(decimator: Decimator, times_ms: list[float]) -> int:
    return sum(decimator.wants(round(at * MS)) for at in times_ms)


def test_a_ticker_waits_for_its_beat_and_skips_what_it_missed() -> None:
    ticker = Ticker(10)
    ticker.take(0)
    assert ticker.wait_s(40 * MS) == pytest.approx(0.06)

    ticker.take(100 * MS)
    assert ticker.missed == 0
    ticker.take(450 * MS)
    assert ticker.missed == 2
    assert ticker.wait_s(450 * MS) == pytest.approx(0.05)


@pytest.mark.parametrize(("camera_fps", "share"), [(30, 0.5), (15, 1.0), (20, 0.75), (60, 0.25)])
def test_about_fifteen_a_second_remain(camera_fps: float, share: float) -> None:
    decimator = Decimator(15)
    times = [number * 1000 / camera_fps for number in range(int(camera_fps * 20))]

    assert kept(decimator, times) == pytest.approx(len(times) * share, rel=0.03)
    assert decimator.missed == 0


def test_a_camera_that_slows_down_in_the_dark_loses_nothing() -> None:
    decimator = Decimator(15)

    assert kept(decimator, [number * 100.0 for number in range(200)]) == 200
    assert decimator.missed <= 2  # until its pace is known


def test_a_hiccup_that_is_made_up_for_is_no_loss() -> None:
    """Pictures of a stream come late and then together; none was lost."""
    decimator = Decimator(15)
    times = [number * 1000 / 30 for number in range(300)]
    late = [max(at, 5100.0) if 5000 <= at < 5100 else at for at in times]

    assert kept(decimator, late) == pytest.approx(150, abs=1)
    assert decimator.missed == 0


def test_a_stall_is_counted_in_the_pictures_it_cost() -> None:
    decimator = Decimator(15)
    times = [n * 1000 / 30 for n in range(150)] + [6000 + n * 1000 / 30 for n in range(150)]

    kept(decimator, times)

    assert decimator.missed == pytest.approx(15, abs=2)


def test_time_without_a_camera_is_a_gap_and_no_drop() -> None:
    decimator = Decimator(15)
    kept(decimator, [n * 1000 / 30 for n in range(60)])
    decimator.forget()
    kept(decimator, [60_000 + n * 1000 / 30 for n in range(60)])

    assert decimator.missed == 0


def test_another_rate_begins_with_the_next_picture_and_misses_none() -> None:
    """What the ladder of quality asks for."""
    ticker = Ticker(10)
    ticker.take(0)
    ticker.change_rate(2)
    assert ticker.wait_s(0) == pytest.approx(0.5)
    ticker.take(500 * MS)
    ticker.change_rate(10)
    assert ticker.wait_s(500 * MS) == pytest.approx(0.1)
    assert ticker.missed == 0


def test_a_camera_is_thinned_out_to_another_rate_at_once() -> None:
    decimator = Decimator(15)
    times = [number * 1000 / 30 for number in range(300)]
    before = kept(decimator, times[:150])
    decimator.change_rate(4)
    after = kept(decimator, times[150:])

    assert before == pytest.approx(75, abs=2)
    assert after == pytest.approx(20, abs=2)
    assert decimator.missed == 0
