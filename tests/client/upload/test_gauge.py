"""Chunks follow the line, deadlines are generous, and an ETA is a range (R187)."""

from __future__ import annotations

import pytest

from zhishiyun_client.upload.gauge import (
    LARGEST_BYTES,
    LEAST_WITHIN_S,
    MOST_AT_ONCE,
    MOST_WITHIN_S,
    SMALLEST_BYTES,
    LineGauge,
)


class _Line:
    """A line with one queue in front of it, and a gauge that sends along it for so many chunks."""

    def __init__(self, rate_bytes_s: float, trip_s: float) -> None:
        self.rate_bytes_s, self.trip_s = rate_bytes_s, trip_s
        self.gauge = LineGauge()
        self.now_s = self.free_s = self.answered_s = 0.0
        self.queues_s: list[float] = []

    def carries(self, chunks: int, *, others_bytes_s: float = 0.0) -> LineGauge:
        gauge = self.gauge
        for _ in range(chunks):
            gauge.round_trip(self.trip_s)
            size, began_s = gauge.chunk_bytes, self.now_s
            leaving_s = size / gauge.pace_bytes_s if gauge.pace_bytes_s else 0.0
            took_s = size / (self.rate_bytes_s - others_bytes_s)
            across_s = max(self.free_s + took_s, began_s + max(leaving_s, took_s))
            self.queues_s.append(across_s - began_s - leaving_s)
            self.free_s = across_s
            answer_s = across_s + self.trip_s
            is_overlapped = gauge.at_once > 1
            self.now_s = began_s + leaving_s if is_overlapped and leaving_s else answer_s
            busy_s = answer_s - (self.answered_s if is_overlapped else began_s)
            self.answered_s = answer_s
            gauge.carried(size, answer_s - began_s, busy_s)
            gauge.left(size, leaving_s, answer_s - began_s - leaving_s)
        return gauge


def _on_a_line(rate_bytes_s: float, trip_s: float, chunks: int = 40) -> LineGauge:
    return _Line(rate_bytes_s, trip_s).carries(chunks)


def test_a_slow_line_gets_small_chunks_one_leaving_while_one_waits_for_its_answer():
    gauge = _on_a_line(37_500, 0.03)

    assert gauge.chunk_bytes == SMALLEST_BYTES
    assert gauge.at_once == 2
    assert 30_000 < gauge.rate_bytes_s < 45_000


def test_a_fast_line_gets_large_chunks():
    assert _on_a_line(50_000_000, 0.001).chunk_bytes == LARGEST_BYTES


def test_a_slow_round_trip_gets_several_at_once():
    gauge = _on_a_line(1_000_000, 0.8)

    assert gauge.at_once in (2, 3)
    assert gauge.chunk_bytes * gauge.at_once > 1_000_000


def test_a_chunk_is_what_a_middling_line_carries_in_a_second():
    gauge = _on_a_line(500_000, 0.01)

    assert 400_000 < gauge.chunk_bytes * gauge.at_once < 600_000


def test_failures_make_modest_and_successes_make_bold_again():
    gauge = _on_a_line(1_000_000, 0.01)
    before = gauge.chunk_bytes

    gauge.failed()
    gauge.failed()
    modest = gauge.chunk_bytes
    for _ in range(500):
        size = gauge.chunk_bytes
        gauge.carried(size, size / 1_000_000)
        gauge.left(size, size / 1_000_000, 0.01)

    assert modest <= before / 4
    assert gauge.chunk_bytes > before * 0.8


def test_a_line_that_is_cut_every_few_seconds_gets_small_chunks_and_a_steady_one_large_ones():
    cut, steady = _Line(500_000, 0.2), _Line(500_000, 0.2)
    for _ in range(10):
        cut.carries(15)
        cut.gauge.failed(0.2)
        steady.carries(15)

    assert cut.gauge.chunk_bytes <= 96_000
    assert steady.gauge.chunk_bytes > 150_000


def test_a_cut_on_a_paced_line_leaves_nobody_waiting_for_an_answer():
    gauge = _on_a_line(100_000, 0.2)

    gauge.failed(0.2)

    assert gauge.at_once >= 2


def test_what_stood_in_the_queue_at_a_cut_is_not_taken_for_the_line():
    gauge = _on_a_line(100_000, 0.03)
    before = gauge.pace_bytes_s

    gauge.failed(0.2)
    gauge.carried(SMALLEST_BYTES, 3.0, 3.0)
    gauge.left(SMALLEST_BYTES, 0.3, 2.7)

    assert gauge.pace_bytes_s == before


def test_the_fastest_line_gets_more_at_once_and_others_waiting_with_the_senders():
    fast, slow = _on_a_line(50_000_000, 0.001), _on_a_line(100_000, 0.03)

    assert (fast.at_once, slow.at_once) == (MOST_AT_ONCE, 2)
    assert fast.spare > slow.spare > 0


def test_deadlines_grow_with_failures_and_have_an_end():
    gauge = _on_a_line(100_000, 0.01)

    waits = [gauge.within_s(SMALLEST_BYTES, failures) for failures in range(10)]

    assert waits[0] == LEAST_WITHIN_S
    assert waits == sorted(waits)
    assert waits[-1] == MOST_WITHIN_S
    assert gauge.within_s(4_000_000) > 4_000_000 / 100_000


def test_an_unmeasured_line_promises_nothing():
    eta = LineGauge().eta(1000)

    assert (eta.low_s, eta.high_s) == (None, None)


def test_the_true_time_lies_in_the_range():
    eta = _on_a_line(1_000_000, 0.01).eta(10_000_000)

    assert eta.low_s < 10 < eta.high_s


@pytest.mark.parametrize("rate_bytes_s", [16_000, 37_500, 100_000, 500_000, 2_500_000])
def test_what_leaves_fills_the_line_and_leaves_hardly_a_queue(rate_bytes_s):
    """300 kbit/s and around: others wait well below two seconds behind us."""
    line = _Line(rate_bytes_s, 0.03)

    gauge = line.carries(80)

    assert 0.85 * rate_bytes_s < gauge.rate_bytes_s <= 1.05 * rate_bytes_s
    assert max(line.queues_s[30:]) < max(0.8, 0.6 * gauge.chunk_bytes / rate_bytes_s)


def test_a_fast_line_is_not_paced():
    assert _on_a_line(50_000_000, 0.001).pace_bytes_s is None


def test_we_give_way_to_others_but_not_all():
    line = _Line(100_000, 0.03)
    alone = line.carries(40).pace_bytes_s

    beside = line.carries(20, others_bytes_s=40_000).pace_bytes_s

    assert alone
    assert beside
    assert 0.4 * 100_000 < beside < 0.75 * 100_000


def test_a_line_that_is_free_again_is_used_again():
    line = _Line(100_000, 0.03)
    line.carries(40)
    line.carries(20, others_bytes_s=40_000)

    assert line.carries(30).rate_bytes_s > 80_000


def test_time_lost_to_cuts_makes_the_estimate_honest():
    whole, cut = _on_a_line(100_000, 0.03), _on_a_line(100_000, 0.03)
    for _ in range(5):
        cut.failed(2.0)
        cut.carried(64_000, 0.64)

    assert cut.rate_bytes_s < 0.6 * whole.rate_bytes_s
