"""Enters chunks in the index, many in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from zhishiyun_server.keep import chunks
from zhishiyun_server.keep.chunks import Chunk, Place
from zhishiyun_server.keep.database import Database
from zhishiyun_server.problems import Refusal


@dataclass(frozen=True, slots=True)
class _Entry:
    chunk: Chunk
    now_us: int
    answer: asyncio.Future[Place]


class Register:
    """While one commit waits for the disk, what comes collects for the next.

    Thread: the event loop.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[_Entry] = []
        self._at_work: asyncio.Task[None] | None = None

    async def enter(self, chunk: Chunk, now_us: int) -> Place:
        """Enter a chunk whose bytes are durable; returns after the commit.

        Raises:
            Refusal: NOT_ENTERED, ALREADY_SEALED.
            OperationalError: the database could not keep it.
        """
        answer: asyncio.Future[Place] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Entry(chunk, now_us, answer))
        if self._at_work is None:
            self._at_work = asyncio.create_task(self._work())
        return await answer

    async def _work(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                await self._commit(batch)
        finally:
            self._at_work = None

    async def _enter(self, batch: Sequence[_Entry]) -> Sequence[Place | Refusal]:
        """All at once where all places are free, as nearly always; else one by one."""
        rows = [(entry.chunk, entry.now_us) for entry in batch]
        try:
            await self._database.write(lambda c: _enter_all(c, rows))
        except _NotAllFree:
            return await self._database.write(lambda c: _enter_each(c, rows))
        return [Place.FREE] * len(rows)

    async def _commit(self, batch: list[_Entry]) -> None:
        try:
            outcomes = await self._enter(batch)
        except Exception as error:
            for entry in batch:
                _fail(entry.answer, error)
            return
        for entry, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, Refusal):
                _fail(entry.answer, outcome)
            elif not entry.answer.cancelled():
                entry.answer.set_result(outcome)


class _NotAllFree(Exception):
    """Some place was not free for its chunk: nothing of this batch was entered."""


def _enter_all(connection: Connection, rows: Sequence[tuple[Chunk, int]]) -> None:
    if not chunks.insert_free(connection, rows):
        raise _NotAllFree


def _enter_each(connection: Connection, rows: Sequence[tuple[Chunk, int]]) -> list[Place | Refusal]:
    return [_enter(connection, chunk, now_us) for chunk, now_us in rows]


def _enter(connection: Connection, chunk: Chunk, now_us: int) -> Place | Refusal:
    try:
        chunks.require_open(connection, chunk.attempt_id, chunk.end_byte)
    except Refusal as refused:
        return refused
    return chunks.insert(connection, chunk, now_us)


def _fail(answer: asyncio.Future[Place], error: BaseException) -> None:
    if not answer.cancelled():
        answer.set_exception(error)
