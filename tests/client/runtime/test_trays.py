"""Trays: what is replaced, what is refused, what order."""

from __future__ import annotations

import threading
import time

import pytest

from zhishiyun_client.runtime.trays import Latest, Line


def test_latest_never_piles_up():
    tray: Latest[int] = Latest()

    fresh = [tray.put(i) for i in range(1000)]

    assert fresh[0] is True
    assert not any(fresh[1:])
    assert tray.take() == 999
    assert tray.take() is None
    assert tray.replaced == 999


def test_a_line_keeps_order_and_refuses_when_full():
    line: Line[int] = Line(3)

    accepted = [line.put(i) for i in range(5)]

    assert accepted == [True, True, True, False, False]
    assert (line.refused, line.highest, len(line)) == (2, 3, 3)
    assert [line.take() for _ in range(4)] == [0, 1, 2, None]


def test_taking_waits_for_what_another_thread_puts():
    line: Line[str] = Line(1)
    started = time.monotonic()
    threading.Timer(0.05, lambda: line.put("frame")).start()

    assert line.take(within_s=60) == "frame"
    assert time.monotonic() - started < 60


def test_closing_wakes_a_waiting_taker_and_keeps_what_is_there():
    line: Line[str] = Line(2)
    line.put("last")
    line.close()

    assert line.put("late") is False
    assert not line.is_drained
    assert line.take(within_s=5) == "last"
    assert line.is_drained
    started = time.monotonic()
    assert line.take(within_s=60) is None
    assert time.monotonic() - started < 60


def test_a_line_without_room_is_a_mistake():
    with pytest.raises(ValueError):
        Line[int](0)
