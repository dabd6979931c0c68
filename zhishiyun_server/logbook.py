"""What heartbeats say, kept in bulk: one transaction for all that came within a moment."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence

import msgspec
from sqlalchemy.exc import SQLAlchemyError

from zhishiyun_protocol.messages.live import ChainHead, Heartbeat
from zhishiyun_server.keep.beats import HeardBeat, keep_beats
from zhishiyun_server.keep.database import AWAY, Database

LOG = logging.getLogger(__name__)
KEEP_EVERY_S = 0.5  # a head is durable so soon after it came
MOST_KEPT = 20_000
MOST_AT_ONCE = 400  # SQLite takes some 1000 values in one statement

Standings = Sequence[tuple[str, int, int]]


class Logbook:
    """Takes heartbeats as they come, writes them down together.

    Only what says how a candidate is doing waits here; a head counts as committed, and is told so,
    after it is durable. Thread: the event loop.
    """

    def __init__(self, database: Database, learn: Callable[[Standings], None]) -> None:
        self._database = database
        self._learn = learn
        self._heard: dict[str, HeardBeat] = {}
        self._kept: dict[str, ChainHead] = {}  # the newest head of each that is durable
        self._has_some = asyncio.Event()

    def note(self, attempt_id: str, heartbeat: Heartbeat, received_us: int) -> None:
        """Take one heartbeat; of several within a moment the newest counts, with its head."""
        known = self._heard.get(attempt_id)
        told = heartbeat.head
        if told is not None and told == self._kept.get(attempt_id):
            told = None  # said before, and nothing is left to do for it
        head = _later(known.head if known is not None else None, told)
        if known is not None and known.heartbeat.thumbnail and not heartbeat.thumbnail:
            kept = known.heartbeat.thumbnail
            heartbeat = msgspec.structs.replace(heartbeat, thumbnail=kept)
        self._heard[attempt_id] = HeardBeat(attempt_id, heartbeat, received_us, head)
        self._has_some.set()

    async def run(self) -> None:
        """Write down again and again, until cancelled."""
        while True:
            await self._has_some.wait()
            await asyncio.sleep(KEEP_EVERY_S)
            await self.keep()

    async def keep(self) -> None:
        """Write down what there is; with a full disk or no database it is tried again."""
        self._has_some.clear()
        heard = list(self._heard.values())
        self._heard.clear()
        for first in range(0, len(heard), MOST_AT_ONCE):
            await self._keep(heard[first : first + MOST_AT_ONCE])

    async def close(self) -> None:
        """Write down the last."""
        with contextlib.suppress(*AWAY):
            await self.keep()

    async def _keep(self, heard: Sequence[HeardBeat]) -> None:
        try:
            self._learn(await self._database.write(lambda c: keep_beats(c, heard)))
        except AWAY as error:
            LOG.warning("heartbeats could not be written down: %s", error)
            for one in heard:
                self._heard.setdefault(one.attempt_id, one)
            self._has_some.set()
        except (SQLAlchemyError, OverflowError) as error:
            if len(heard) > 1:  # only one of them may be at fault
                for one in heard:
                    await self._keep([one])
                return
            LOG.error("a heartbeat that cannot be written down is dropped: %s", error)
        else:
            if len(self._kept) > MOST_KEPT:
                self._kept.clear()
            self._kept.update((one.attempt_id, one.head) for one in heard if one.head is not None)


def _later(known: ChainHead | None, new: ChainHead | None) -> ChainHead | None:
    if known is None or (new is not None and new.records >= known.records):
        return new
    return known
