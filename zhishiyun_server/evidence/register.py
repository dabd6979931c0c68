"""Enters chunks in the index, many in one transaction."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from sqlalchemy import Connection

from zhishiyun_server.keep import chunks
from zhishiyun_server.keep.chunks import Chunk, Place
from zhishiyun_server.keep.database import Database
from zhishiyun_server.problems import Refusal

Outcome = Place | Exception  # what was at the place, or why nothing was kept
Hear = Callable[[Outcome], None]


@dataclass(frozen=True, slots=True)
class _Entry:
    chunk: Chunk
    now_us: int
    hear: Hear


@dataclass(slots=True)
class _Batch:
    """What one transaction takes: known only when it begins."""

    entries: list[_Entry] = field(default_factory=list)


class Register:
    """While one commit waits for the disk, what comes collects for the next. Thread: any."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._waiting: list[_Entry] = []

    def enter(self, chunk: Chunk, now_us: int, hear: Hear) -> None:
        """Enter a chunk whose bytes are durable; `hear` is called after the commit.

        hear: on the database's thread or on this one; with a Refusal (NOT_ENTERED, ALREADY_SEALED),
            with an OperationalError when the database could not keep it.
        """
        with self._lock:
            self._waiting.append(_Entry(chunk, now_us, hear))
            is_first = len(self._waiting) == 1
        if not is_first:
            return  # who came first takes it along
        batch = _Batch()
        try:
            if self._database.write_here(lambda c: self._enter_all(c, batch)):
                self._entered(batch, None)
                return
        except Exception as error:
            self._entered(batch, error)
            return
        future = self._database.submit(lambda c: self._enter_all(c, batch))
        future.add_done_callback(lambda done: self._entered(batch, done.exception()))

    def _enter_all(self, connection: Connection, batch: _Batch) -> None:
        """All at once where all places are free, as nearly always."""
        self._take(batch)
        if not chunks.insert_free(connection, [(e.chunk, e.now_us) for e in batch.entries]):
            raise _NotAllFree

    def _take(self, batch: _Batch) -> None:
        with self._lock:
            batch.entries, self._waiting = self._waiting, []

    def _entered(self, batch: _Batch, error: BaseException | None) -> None:
        if not batch.entries:  # the transaction could not even begin
            self._take(batch)
        if isinstance(error, _NotAllFree):
            each = self._database.submit(lambda c: _enter_each(c, batch.entries))
            each.add_done_callback(lambda future: _told(batch.entries, future))
            return
        outcome = error if isinstance(error, Exception) else Place.FREE
        for entry in batch.entries:
            entry.hear(outcome)


class _NotAllFree(Exception):
    """Some place was not free for its chunk: nothing of this batch was entered."""


def _told(entries: Sequence[_Entry], done: Future[list[Outcome]]) -> None:
    error = done.exception()
    outcomes: Sequence[Outcome] = (
        [error] * len(entries) if isinstance(error, Exception) else done.result()
    )
    for entry, outcome in zip(entries, outcomes, strict=True):
        entry.hear(outcome)


def _enter_each(connection: Connection, entries: Sequence[_Entry]) -> list[Outcome]:
    return [_enter(connection, entry.chunk, entry.now_us) for entry in entries]


def _enter(connection: Connection, chunk: Chunk, now_us: int) -> Outcome:
    try:
        chunks.require_open(connection, chunk.recording_id, chunk.end_byte)
    except Refusal as refused:
        return refused
    return chunks.insert(connection, chunk, now_us)
