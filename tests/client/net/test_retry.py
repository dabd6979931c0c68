"""Trying again, without sleeping: the stop event tells how long a wait would have been."""

from __future__ import annotations

import threading

import pytest

from zhishiyun_client.domain.transfer import Schedule
from zhishiyun_client.net.retry import until_answered
from zhishiyun_protocol.errors import Refused, Transient

SCHEDULE = Schedule(first_s=1, most_s=8)


class Waits(threading.Event):
    """An event that never waits, and is set after so many waits."""

    def __init__(self, patience: int = 99) -> None:
        super().__init__()
        self.waited_s: list[float] = []
        self._patience = patience

    def wait(self, timeout: float | None = None) -> bool:
        self.waited_s.append(timeout or 0)
        return len(self.waited_s) > self._patience


def _failing(*outcomes):
    script = list(outcomes)

    def call():
        outcome = script.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return call


def _later(asked_s: float | None = None) -> Transient:
    return Transient("SERVER_BUSY", "later", retry_after_s=asked_s)


def test_it_waits_longer_each_time_until_the_answer():
    stop = Waits()
    told: list[tuple[str, float]] = []

    answer = until_answered(
        _failing(_later(), _later(), _later(), 42),
        stop,
        schedule=SCHEDULE,
        chance=lambda: 1.0,
        between=lambda error, wait_s: told.append((error.code, wait_s)),
    )

    assert answer == 42
    assert stop.waited_s == [1, 2, 4]
    assert told == [("SERVER_BUSY", 1), ("SERVER_BUSY", 2), ("SERVER_BUSY", 4)]


def test_the_server_may_ask_for_more_patience():
    stop = Waits()

    until_answered(_failing(_later(20), 1), stop, schedule=SCHEDULE, chance=lambda: 0.0)

    assert stop.waited_s == [20]


def test_a_refusal_is_not_tried_again():
    with pytest.raises(Refused):
        until_answered(_failing(Refused("CLOSED", "no"), 1), Waits())


def test_stopping_ends_the_waiting():
    with pytest.raises(Transient):
        until_answered(_failing(_later(), _later(), _later(), 1), Waits(patience=1))


def test_patience_has_an_end():
    stop = Waits()

    with pytest.raises(Transient):
        until_answered(_failing(_later(60), 1), stop, schedule=SCHEDULE, within_s=10)
    assert stop.waited_s == []
