"""The line to the server: loss, round trip, clock, uplink (R031, F13, F20)."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from zhishiyun_client.ports.checks import (
    Advice,
    CheckContext,
    CheckResult,
    Needs,
    Outcome,
    Probes,
)
from zhishiyun_client.selftest.network import (
    ClockCheck,
    LatencyCheck,
    NetworkCheck,
    UplinkCheck,
)
from zhishiyun_protocol.errors import Transient
from zhishiyun_protocol.messages.entering import TimeAnswer, TimeQuestion

MONTH_US = 30 * 86_400 * 1_000_000


class Line:
    """A server behind a line of a given delay that loses every so-manieth question."""

    def __init__(self, one_way_us: int = 0, loses_every: int = 0, speed: float = 1.0) -> None:
        self.now_us = 0
        self.one_way_us = one_way_us
        self.loses_every = loses_every
        self.speed = speed
        self.asked = 0

    def local_us(self) -> int:
        return self.now_us

    def server_us(self) -> int:
        return MONTH_US + round(self.now_us * self.speed)

    def ask_time(self, question: TimeQuestion) -> TimeAnswer:
        self.asked += 1
        if self.loses_every and self.asked % self.loses_every == 0:
            raise Transient("SERVER_SILENT", "no answer")
        self.now_us += self.one_way_us
        at_us = self.server_us()
        self.now_us += self.one_way_us
        return TimeAnswer(
            sent_us=question.sent_us,
            server_received_us=at_us,
            server_sent_us=at_us,
            speed=self.speed,
        )


def context(tmp_path: Path, line: Line, wall_wrong_us: int = 0) -> CheckContext:
    return CheckContext(
        needs=Needs(),
        folder=tmp_path,
        probes=Probes(api=line),
        local_us=line.local_us,
        wall_us=lambda: line.server_us() + wall_wrong_us,
        wait=lambda seconds: False,
    )


@pytest.mark.parametrize(
    ("loses_every", "outcome", "advice", "blocks"),
    [
        (0, Outcome.PASSED, Advice.NONE, False),
        (3, Outcome.WEAK, Advice.NETWORK_LOSSY, False),
        (1, Outcome.FAILED, Advice.NETWORK_NONE, True),
    ],
)
def test_lost_questions_are_a_share(
    tmp_path: Path, loses_every: int, outcome: Outcome, advice: Advice, blocks: bool
):
    found = NetworkCheck().run(context(tmp_path, Line(loses_every=loses_every)))

    assert (found.outcome, found.advice, found.blocks) == (outcome, advice, blocks)
    assert found.measured == pytest.approx(1 / loses_every if loses_every else 0, abs=0.001)


@pytest.mark.parametrize(
    ("one_way_us", "outcome"),
    [(20_000, Outcome.PASSED), (400_000, Outcome.WEAK), (2_000_000, Outcome.FAILED)],
)
def test_a_round_trip_is_there_and_back(tmp_path: Path, one_way_us: int, outcome: Outcome):
    found = LatencyCheck().run(context(tmp_path, Line(one_way_us)))

    assert (found.measured, found.outcome) == (one_way_us * 2 / 1000, outcome)
    assert not found.blocks


def test_a_wrong_wall_clock_is_told_and_harms_nothing(tmp_path: Path):
    line = Line(10_000)

    right = ClockCheck().run(context(tmp_path, line))
    wrong = ClockCheck().run(context(tmp_path, line, wall_wrong_us=3 * 3_600_000_000))

    assert (right.outcome, right.measured) == (Outcome.PASSED, pytest.approx(0, abs=20))
    assert (wrong.outcome, wrong.advice) == (Outcome.WEAK, Advice.CLOCK_WRONG)
    assert wrong.measured == pytest.approx(3 * 3_600_000, abs=20)
    assert not wrong.blocks


def test_a_rehearsals_fast_clock_is_not_a_wrong_one(tmp_path: Path):
    line = Line(10_000, speed=20.0)

    found = ClockCheck().run(context(tmp_path, line, wall_wrong_us=86_400_000_000))
    travelled = LatencyCheck().run(context(tmp_path, line))

    assert (found.outcome, found.measured) == (Outcome.PASSED, None)
    assert travelled.measured == pytest.approx(20.0)


class Uplink:
    """A line up that carries so much, or is cut."""

    def __init__(self, kbps: float | None) -> None:
        self.carries_kbps = kbps

    def kbps(self, for_s: float) -> float:
        if self.carries_kbps is None:
            raise Transient("NETWORK_DOWN", "cut")
        return self.carries_kbps


@pytest.mark.parametrize(
    ("kbps", "outcome"), [(5000.0, Outcome.PASSED), (250.0, Outcome.WEAK), (None, Outcome.WEAK)]
)
def test_a_slow_line_only_means_later(tmp_path: Path, kbps: float | None, outcome: Outcome):
    there = CheckContext(
        Needs(),
        tmp_path,
        Probes(uplink=Uplink(kbps)),
        time.monotonic_ns,
        time.time_ns,
        lambda seconds: False,
    )

    found = UplinkCheck().run(there)

    assert (found.outcome, found.measured, found.blocks) == (outcome, kbps, False)


@pytest.mark.parametrize("check", [NetworkCheck(), LatencyCheck(), ClockCheck(), UplinkCheck()])
def test_without_a_server_nothing_is_measured_and_nothing_blocks(
    tmp_path: Path, check: NetworkCheck
):
    nowhere = CheckContext(
        Needs(), tmp_path, Probes(), time.monotonic_ns, time.time_ns, lambda seconds: False
    )
    found: CheckResult = check.run(nowhere)

    assert (found.outcome, found.advice) == (Outcome.SKIPPED, Advice.NO_PROBE)
