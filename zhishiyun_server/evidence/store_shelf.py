"""Evidence in an S3-compatible store: bytes go there directly, the index follows what is there."""

from __future__ import annotations

import asyncio
import errno
import io
import time
from collections import OrderedDict
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection

from zhishiyun_server.evidence.bucket import Bucket, Stored, digest_of
from zhishiyun_server.evidence.part import Part
from zhishiyun_server.evidence.shelf import Look, Shelf, lose, report_conflict
from zhishiyun_server.keep import chunks
from zhishiyun_server.keep.chunks import Chunk, Place, chunk_named
from zhishiyun_server.keep.database import Database
from zhishiyun_server.keep.durable import PART

GRANT_LIVES_REAL_S = 600
LOOK_EVERY_S = 10.0  # how often one attempt's arrivals are listed while it uploads
MOST_FRONTIERS = 8192


class StoreShelf(Shelf):
    """The shelf whose chunks are objects `<prefix><attempt>/<first byte>-<sha256>.chunk`.

    The store itself enforces "once" and "unaltered" (signed If-None-Match and checksum); a row is
    written for what its listing shows, never for what a client says. What comes by way of this
    server lies in the folder only while it arrives.
    """

    def __init__(
        self, folder: Path, database: Database, reserve_bytes: int, bucket: Bucket
    ) -> None:
        super().__init__(folder, database, reserve_bytes)
        self._bucket = bucket
        self._frontiers: OrderedDict[str, _Frontier] = OrderedDict()

    def open(self, chunk: Chunk) -> BinaryIO:
        """A chunk's bytes, proved by its digest.

        Raises:
            OSError: there is none, or other bytes are there.
            Refusal: STORE_UNREACHABLE.
        """
        content = self._bucket.get(_name_of(chunk))
        if digest_of(content) != chunk.sha256:
            raise OSError(errno.EIO, "the store gives other bytes back", chunk.file_name)
        return io.BytesIO(content)

    def grant(self, chunk: Chunk) -> tuple[str, dict[str, str]]:
        """(URL, headers) by which the chunk goes into the store."""
        return self._bucket.granted(_name_of(chunk), chunk.sha256, GRANT_LIVES_REAL_S)

    async def discover(self, recording_id: str, now_us: int, look: Look) -> None:
        """Enter what the store has got since; WHOLE also tells what it has lost.

        Raises:
            Refusal: STORE_UNREACHABLE.
        """
        frontier = self._frontier(recording_id)
        if look is Look.NOW_AND_THEN and time.monotonic() < frontier.look_at_s:
            return
        async with frontier.lock:
            frontier.look_at_s = time.monotonic() + LOOK_EVERY_S
            await asyncio.to_thread(
                self._discover, recording_id, frontier, now_us, look is Look.WHOLE
            )

    def discover_all(self, recording_id: str, now_us: int) -> None:
        """The same for commands, WHOLE."""
        self._discover(recording_id, self._frontier(recording_id), now_us, True)

    def reconcile(self, _now_us: int) -> None:
        """After a start: torn parts go. What the store holds is seen when it is asked for."""
        for part in self._folder.glob(f"*/.*{PART}"):
            part.unlink(missing_ok=True)

    def forget(self, recording_id: str) -> None:
        """The same in the store; one that keeps its objects locked says so.

        Raises:
            Refusal: STORE_UNREACHABLE.
        """
        for stored in list(self._bucket.listing(f"{recording_id}/")):
            self._bucket.remove(stored.name)
        super().forget(recording_id)

    def close(self) -> None:
        """Close the connections to the store."""
        super().close()
        self._bucket.close()

    async def keep(self, part: Part, chunk: Chunk, now_us: int) -> bool:
        """Like the folder's; what may not lie there is refused before it goes to the store.

        Raises:
            Refusal: NOT_ENTERED, ALREADY_SEALED, EVIDENCE_CONFLICT, STORE_UNREACHABLE.
        """
        self._database.read(lambda c: chunks.require_open(c, chunk.recording_id, chunk.end_byte))
        return await super().keep(part, chunk, now_us)

    def _deposit(self, part: Part, chunk: Chunk) -> None:
        content = Path(part.path).read_bytes()
        name = _name_of(chunk)
        if self._bucket.put_once(name, content, chunk.sha256):
            return
        if digest_of(self._bucket.get(name)) != chunk.sha256:  # the store's own disk failed
            self._bucket.put_over(name, content, chunk.sha256)

    def _take_back(self, chunk: Chunk) -> None:
        """Other bytes stay in the store beside those that count: evidence of the conflict."""

    def _discover(self, recording_id: str, frontier: _Frontier, now_us: int, whole: bool) -> None:
        after = "" if whole else f"{frontier.byte:015d}"
        listed = [
            chunk
            for stored in self._bucket.listing(f"{recording_id}/", after)
            if (chunk := _chunk_of(stored)) is not None
        ]
        known = set(
            self._database.read(
                lambda c: chunks.from_byte(c, recording_id, 0 if whole else frontier.byte)
            )
        )
        fresh = [chunk for chunk in listed if chunk not in known]
        others = self._database.write_now(lambda c: _enter(c, fresh, now_us)) if fresh else []
        for chunk in others:
            self._judge(chunk, now_us)
        lost = [chunk for chunk in known if chunk not in set(listed)] if whole else []
        if lost:
            self._database.write_now(lambda c: lose(c, lost, now_us))
            frontier.byte = 0
        frontier.byte = self._database.read(
            lambda c: chunks.contiguous_end(c, recording_id, frontier.byte)
        )

    def _judge(self, chunk: Chunk, now_us: int) -> None:
        """Two objects for one place: harmless when their bytes agree, else a person must look."""
        reach = (chunk.first_byte, chunk.end_byte)
        held = self._database.read(lambda c: chunks.overlapping(c, chunk.recording_id, reach))
        if not all(self._agrees(chunk, other) for other in held):
            self._database.write_now(lambda c: report_conflict(c, chunk, now_us))

    def _frontier(self, recording_id: str) -> _Frontier:
        frontier = self._frontiers.setdefault(recording_id, _Frontier())
        self._frontiers.move_to_end(recording_id)
        while len(self._frontiers) > MOST_FRONTIERS:
            self._frontiers.popitem(last=False)
        return frontier


class _Frontier:
    """Up to where an attempt is known to be whole: a hint, made anew after a restart."""

    def __init__(self) -> None:
        self.byte = 0
        self.look_at_s = 0.0
        self.lock = asyncio.Lock()


def _name_of(chunk: Chunk) -> str:
    return f"{chunk.recording_id}/{chunk.file_name}"


def _chunk_of(stored: Stored) -> Chunk | None:
    folder, _, name = stored.name.rpartition("/")
    return chunk_named(folder, name, stored.bytes)


def _enter(connection: Connection, fresh: list[Chunk], now_us: int) -> list[Chunk]:
    """Enter what has a free place; returns what has none."""
    return [c for c in fresh if chunks.insert(connection, c, now_us) is Place.OTHER]
