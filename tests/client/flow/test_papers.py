"""The question without a network: release code, relay, and a 刷新题目 that takes nothing away."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.paper_room import PAPER_KEY, PaperRoom
from zhishiyun_protocol import release

CODE = release.code_of(PAPER_KEY, "p1")
FOREIGN = release.code_of(PAPER_KEY, "p2")
WRONG = release.code_of(bytes(32), "p1")


class Room:
    """A candidate whose envelope came before the line died."""

    def __init__(self, folder: Path) -> None:
        self.paper = PaperRoom(folder, "a", at_s=-10)
        self.papers = self.paper.room.papers
        self._local_us = 0
        self.beats()
        assert self.papers.is_ready
        self.paper.server.is_down = True

    def beats(self, count: int = 3) -> None:
        for _ in range(count):
            self._local_us += 3_000_000
            self.papers.beat(self._local_us)

    @property
    def shown(self) -> list[bytes]:
        return [view.content for view in self.papers.views]


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


QUESTION = [b"%PDF-1.4 question"]


def test_the_spoken_code_shows_the_question_on_a_dead_line(room: Room):
    room.paper.at(6)
    room.beats()
    assert room.papers.awaits_code

    room.papers.take_code(CODE)

    assert room.shown == QUESTION
    assert not room.papers.awaits_code


def test_no_code_is_taken_before_the_start(room: Room):
    room.paper.at(-1)

    room.papers.take_code(CODE)

    assert room.shown == []
    assert not room.papers.awaits_code


@pytest.mark.parametrize(
    ("code", "reason"),
    [("1234", "RELEASE_MISTYPED"), (FOREIGN, "RELEASE_FOREIGN"), (WRONG, "RELEASE_WRONG")],
)
def test_a_wrong_code_is_refused_in_words_and_the_right_one_still_works(
    room: Room, code: str, reason: str
):
    room.paper.at(6)
    room.papers.take_code(code)
    refused = room.papers.code_problem
    room.papers.take_code(CODE)

    assert refused is not None
    assert (refused.code, bool(refused.zh)) == (reason, True)
    assert room.shown == QUESTION
    assert room.papers.code_problem is None


def test_a_relay_in_the_room_needs_no_hand(room: Room):
    room.paper.relay.code = CODE
    room.beats()
    assert room.shown == []
    assert room.paper.relay.asked == [], "before the start nobody is asked"

    room.paper.at(0.5)
    room.beats()

    assert room.shown == QUESTION


def test_a_lying_relay_does_no_harm(room: Room):
    room.paper.relay.code = WRONG
    room.paper.at(1)
    room.beats()
    assert room.shown == []

    room.papers.take_code(CODE)

    assert room.shown == QUESTION


def test_a_key_that_came_by_code_survives_a_restart(room: Room):
    room.paper.at(6)
    room.papers.take_code(CODE)
    again = type(room.papers)(
        room.paper.room.ports, lambda: room.paper.clock.at_us, lambda: room.paper.room.starts_us
    )

    for beat in range(3):
        again.beat(beat * 3_000_000)

    assert [view.content for view in again.views] == QUESTION


def test_reload_on_a_dead_line_takes_nothing_away(room: Room):
    """R140: E401 asks for 【刷新题目】; with the line dead it must not lose the sealed question."""
    room.paper.at(2)
    room.papers.reload()
    room.beats()
    assert room.papers.is_ready

    room.papers.take_code(CODE)
    room.papers.reload()
    room.beats()

    assert room.shown == QUESTION


def test_reload_on_a_living_line_fetches_anew(room: Room):
    room.paper.server.is_down = False
    room.paper.at(2)
    room.beats()
    fetched = room.paper.server.paper_asked

    room.papers.reload()
    room.beats()

    assert room.paper.server.paper_asked == fetched + 1
    assert room.shown == QUESTION
