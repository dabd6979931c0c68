"""Everybody begins to record at once: chains are followed one after another, seals do not wait."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.waits import wait_until
from zhishiyun_protocol.evidence.layout import Source
from zhishiyun_server.evidence import followers
from zhishiyun_server.evidence.follower import Expected, Follower
from zhishiyun_server.evidence.followers import Followers
from zhishiyun_server.evidence.shelf import Shelf
from zhishiyun_server.keep.database import Database

ROOM = [f"at-{number:04d}" for number in range(40)]
READS_S = 0.02


class Reading:
    """Who reads when: every reading takes a while, and is counted."""

    def __init__(self) -> None:
        self.moments: dict[str, float] = {}
        self.most = 0
        self._now = 0
        self._lock = threading.Lock()

    def read(self, recording_id: str) -> None:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
            self.moments[recording_id] = time.monotonic()
        time.sleep(READS_S)
        with self._lock:
            self._now -= 1

    async def reaches(self, count: int) -> None:
        await asyncio.to_thread(wait_until, lambda: len(self.moments) >= count, 60)


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> Reading:
    made = Reading()

    def catch_up(follower: Follower, *_: Any) -> None:
        made.read(follower.expected.recording_id)

    monkeypatch.setattr(Follower, "catch_up", catch_up)
    return made


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path / "test.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def shelf(tmp_path: Path, database: Database) -> Iterator[Shelf]:
    folder = tmp_path / "evidence"
    folder.mkdir()
    made = Shelf(folder, database, 0)
    yield made
    made.close()


def _expected(recording_id: str) -> Expected:
    return Expected(recording_id, Source.COMPUTER, "exam-1", "", "", "", b"")


def _followers(database: Database, shelf: Shelf) -> Followers:
    return Followers(database, shelf, _expected, lambda: 0)


def _of_a_room_that_sends(database: Database, shelf: Shelf) -> Followers:
    made = _followers(database, shelf)
    for recording_id in ROOM:
        made.nudge(recording_id)
    return made


def test_a_whole_room_is_followed_one_after_another_each_at_its_own_moment(
    reading: Reading, database: Database, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(followers, "SOON_S", (0.2, 2.2))

    async def follow() -> float:
        made = _of_a_room_that_sends(database, shelf)
        began_s = time.monotonic()
        await reading.reaches(len(ROOM))
        await made.close()
        return began_s

    began_s = asyncio.run(follow())

    assert reading.most == 1
    first_s, *_, last_s = sorted(at_s - began_s for at_s in reading.moments.values())
    assert first_s >= 0.2
    assert last_s - first_s > 2 * len(ROOM) * READS_S * 0.5  # not one burst of readings


def test_a_seal_waits_for_no_chain_that_is_followed_at_leisure(
    reading: Reading, database: Database, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(followers, "SOON_S", (0.0, 0.0))

    async def seal() -> None:
        made = _of_a_room_that_sends(database, shelf)
        await reading.reaches(1)
        await made.settled("at-sealing")
        await reading.reaches(len(ROOM) + 1)
        await made.close()

    asyncio.run(seal())

    order = sorted(reading.moments, key=lambda name: reading.moments[name])
    assert order.index("at-sealing") < len(ROOM) / 2


def test_seals_at_the_same_moment_are_read_two_at_a_time(
    reading: Reading, database: Database, shelf: Shelf
) -> None:
    async def seal() -> None:
        made = _followers(database, shelf)
        await asyncio.gather(*(made.settled(recording_id) for recording_id in ROOM))

    asyncio.run(seal())

    assert reading.most == followers.FOR_A_SEAL
    assert len(reading.moments) == len(ROOM)
