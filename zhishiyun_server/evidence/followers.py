"""Followers of all recordings: made when needed from the folder, forgotten when many."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from zhishiyun_server.evidence.follower import Expected, Follower
from zhishiyun_server.evidence.shelf import Look, Shelf
from zhishiyun_server.keep import chunks
from zhishiyun_server.keep.audit import alarm
from zhishiyun_server.keep.database import Database
from zhishiyun_server.keep.heads import heads_after

LOG = logging.getLogger(__name__)
# Several chunks are followed together; the seal waits for none of this. Everybody begins to record
# at the same time: each is followed at a moment of its own, or all would be at once, for ever.
SOON_S = (5.0, 15.0)
# Who reads holds the interpreter from the event loop: what can wait goes one after another.
AT_LEISURE = 1
FOR_A_SEAL = 2
# Followers in memory; each holds at most one unfinished record and its coverage. With fewer than
# there are candidates every one is forgotten before its turn, and reads its log from the beginning.
MOST = 4096


@dataclass(slots=True)
class _Place:
    follower: Follower | None = None  # not before somebody reads: it asks the database first
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Followers:
    """Reads chains as chunks arrive, in threads: few at a time, one thread a recording."""

    def __init__(
        self,
        database: Database,
        shelf: Shelf,
        expected: Callable[[str], Expected],
        now_us: Callable[[], int],
    ) -> None:
        self._database = database
        self._shelf = shelf
        self.expected = expected
        self._now_us = now_us
        self._places: OrderedDict[str, _Place] = OrderedDict()
        self._tasks: set[asyncio.Task[Follower]] = set()
        self._nudged: dict[str, asyncio.TimerHandle] = {}
        self._at_leisure = asyncio.Semaphore(AT_LEISURE)
        self._for_a_seal = asyncio.Semaphore(FOR_A_SEAL)

    def nudge(self, recording_id: str) -> None:
        """Something arrived: follow it soon."""
        if recording_id not in self._nudged:
            loop = asyncio.get_running_loop()
            soon_s = random.uniform(*SOON_S)
            self._nudged[recording_id] = loop.call_later(soon_s, self._follow, recording_id)

    async def settled(self, recording_id: str) -> Follower:
        """The follower, after it has read everything that is contiguous now."""
        return await self._settled(recording_id, self._for_a_seal)

    def forget(self, recording_id: str) -> None:
        """Nothing of a recording stays in memory: it was deleted. Thread: any."""
        self._places.pop(recording_id, None)

    async def close(self) -> None:
        """Follow what was not yet, and wait for what is being read."""
        for recording_id, timer in list(self._nudged.items()):
            timer.cancel()
            self._follow(recording_id)
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _follow(self, recording_id: str) -> None:
        del self._nudged[recording_id]
        task = asyncio.create_task(self._settled(recording_id, self._at_leisure))
        self._tasks.add(task)
        task.add_done_callback(self._followed)

    async def _settled(self, recording_id: str, readers: asyncio.Semaphore) -> Follower:
        place = self._place(recording_id)
        async with place.lock:
            await self._shelf.discover(recording_id, self._now_us(), Look.NOW_AND_THEN)
            async with readers:
                return await asyncio.to_thread(self._catch_up, recording_id, place)

    def _followed(self, task: asyncio.Task[Follower]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            LOG.warning("a recording could not be followed now: %s", error)

    def _place(self, recording_id: str) -> _Place:
        place = self._places.get(recording_id)
        if place is None:
            place = self._places[recording_id] = _Place()
        self._places.move_to_end(recording_id)
        while len(self._places) > MOST:
            self._places.popitem(last=False)
        return place

    def _catch_up(self, recording_id: str, place: _Place) -> Follower:
        follower = place.follower
        if follower is None:
            follower = place.follower = Follower(self.expected(recording_id))
        records, position = follower.verifier.head.records, follower.position
        fresh, committed = self._database.read(
            lambda c: (
                chunks.contiguous(c, recording_id, position),
                heads_after(c, recording_id, records),
            )
        )
        try:
            follower.catch_up(fresh, self._shelf.open, committed)
            fault = follower.told_fault
        except OSError:  # the disk does not give back what it kept
            fault = "EVIDENCE_LOST"
        if follower.forged is not None:
            self._alarm(recording_id, "HEAD_FORGED", f"at record {follower.forged}")
            follower.forged = None
        if fault and fault != follower.alarmed:
            follower.alarmed = fault
            self._alarm(recording_id, fault, f"after byte {follower.verifier.head.length}")
        return follower

    def _alarm(self, recording_id: str, code: str, detail: str) -> None:
        self._database.write_now(lambda c: alarm(c, self._now_us(), recording_id, code, detail))
