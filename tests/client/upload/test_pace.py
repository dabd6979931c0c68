"""One bucket: chunk after chunk at the line's pace, and nobody is left standing."""

from __future__ import annotations

import threading

from zhishiyun_client.upload.pace import LARGEST_PIECE_BYTES, SMALLEST_PIECE_BYTES, Pace


class HandTime:
    """A clock that sleeping moves."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def clock(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds


def _paced(rate_bytes_s: float | None) -> tuple[Pace, HandTime]:
    time = HandTime()
    pace = Pace(time.clock, time.sleep)
    pace.use(rate_bytes_s)
    return pace, time


def test_bytes_leave_at_the_given_rate():
    pace, time = _paced(10_000)
    leaving = pace.leaving(30_000)

    for _ in range(30):
        leaving.wait(1_000)

    assert 2.8 <= time.now_s <= 3.0


def test_without_a_rate_nobody_waits():
    pace, time = _paced(None)
    leaving = pace.leaving(10**9)

    leaving.wait(10**9)

    assert time.now_s == 0.0
    assert pace.piece_bytes == LARGEST_PIECE_BYTES


def test_pieces_are_small_on_a_slow_line():
    assert _paced(10_000)[0].piece_bytes == SMALLEST_PIECE_BYTES
    assert _paced(1_000_000)[0].piece_bytes == 50_000


def test_the_next_chunk_leaves_when_the_first_has_left_or_failed():
    pace, _ = _paced(1_000_000)
    first, second = pace.leaving(2_000), pace.leaving(2_000)
    first.wait(1_000)
    has_left = threading.Event()

    def leave() -> None:
        second.wait(2_000)
        has_left.set()

    thread = threading.Thread(target=leave)
    thread.start()
    waited = not has_left.wait(0.1)
    first.end()  # its connection was cut
    thread.join(5)

    assert waited
    assert has_left.is_set()


def test_a_chunk_sent_once_more_needs_no_turn():
    """A kept connection was closed just then: the body is written again."""
    pace, _ = _paced(1_000_000)
    leaving = pace.leaving(1_000)

    leaving.wait(1_000)
    leaving.wait(1_000)

    pace.leaving(1_000).wait(1_000)
