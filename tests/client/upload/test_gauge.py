"""Chunks follow the line, deadlines are generous, and an ETA is a range (R187)."""

from __future__ import annotations

from zhishiyun_client.upload.gauge import (
    LARGEST_BYTES,
    LEAST_WITHIN_S,
    MOST_WITHIN_S,
    SMALLEST_BYTES,
    LineGauge,
)


def _on_a_line(rate_bytes_s: float, trip_s: float, chunks: int = 40) -> LineGauge:
    gauge = LineGauge()
    for _ in range(chunks):
        gauge.round_trip(trip_s)
        size, at_once = gauge.chunk_bytes, gauge.at_once
        gauge.carried(size, size * at_once / rate_bytes_s + trip_s, at_once)
    return gauge


def test_a_slow_line_gets_small_chunks_one_at_a_time():
    gauge = _on_a_line(37_500, 0.03)

    assert gauge.chunk_bytes == SMALLEST_BYTES
    assert gauge.at_once == 1
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
    for _ in range(30):
        gauge.carried(gauge.chunk_bytes, gauge.chunk_bytes / 1_000_000, 1)

    assert modest <= before / 4
    assert gauge.chunk_bytes > before * 0.8


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
