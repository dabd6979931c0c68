"""The exam's clock by HTTP, before there is a live channel (design §5)."""

from __future__ import annotations

import pytest

from zhishiyun_client.net.clock_sync import ask_the_time
from zhishiyun_protocol.errors import Refused, Transient
from zhishiyun_protocol.messages.entering import TimeAnswer, TimeQuestion

AHEAD_US = 5_000_000_000


class World:
    """A hand-moved clock and a server at some distance on it."""

    def __init__(self, trips_us: list[tuple[int, int] | Exception]) -> None:
        self.now_us = 0
        self.trips_us = trips_us
        self.asked = 0

    def ask_time(self, question: TimeQuestion) -> TimeAnswer:
        self.asked += 1
        trip = self.trips_us.pop(0)
        if isinstance(trip, Exception):
            raise trip
        self.now_us += trip[0]
        there_us = self.now_us + AHEAD_US
        self.now_us += trip[1]
        return TimeAnswer(
            sent_us=question.sent_us, server_received_us=there_us, server_sent_us=there_us
        )

    def clock_us(self) -> int:
        return self.now_us


def test_the_quickest_answer_decides_how_well_the_time_is_known():
    world = World([(400_000, 10_000), (90_000, 10_000), (5_000, 5_000), (300_000, 0)])

    clock = ask_the_time(world, clock_us=world.clock_us)

    assert clock.error_us < 6_000
    assert abs(clock.now_us(world.now_us) - world.now_us - AHEAD_US) <= clock.error_us
    assert world.asked == 4


def test_the_truth_lies_inside_whatever_the_asymmetry():
    world = World([(800_000, 1_000), (1_000, 800_000), (500_000, 0), (0, 500_000)])

    clock = ask_the_time(world, clock_us=world.clock_us)

    assert abs(clock.now_us(world.now_us) - world.now_us - AHEAD_US) <= clock.error_us


def test_single_lost_answers_do_no_harm():
    lost = Transient("SERVER_SILENT", "gone")
    world = World([lost, (10, 10), lost, (20, 20)])

    assert ask_the_time(world, clock_us=world.clock_us).error_us < 100


def test_when_all_are_lost_the_last_failure_is_told():
    world = World([Transient("SERVER_SILENT", "gone") for _ in range(4)])

    with pytest.raises(Transient):
        ask_the_time(world, clock_us=world.clock_us)


def test_a_refusal_ends_it_at_once():
    world = World([Refused("NOT_FOUND", "no such call")])

    with pytest.raises(Refused):
        ask_the_time(world, clock_us=world.clock_us)
    assert world.asked == 1
