"""The evidence folder: a chunk is there when its bytes, its name and its row are durable."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hashlib
import os
import secrets
import shutil
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from zhishiyun_server.evidence.ranges import missing
from zhishiyun_server.keep import chunks
from zhishiyun_server.keep.audit import alarm
from zhishiyun_server.keep.chunks import Chunk, Place
from zhishiyun_server.keep.database import Database, is_full
from zhishiyun_server.keep.durable import PART, sync_folder
from zhishiyun_server.problems import refusal

PIECE_BYTES = 256 * 1024
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Part:
    """Bytes on their way to the disk, hashed as they come; `discard` leaves nothing behind.

    Thread: one at a time.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.length = 0
        self._sha256 = hashlib.sha256()
        self._file: BinaryIO = path.open("xb")

    @property
    def sha256(self) -> str:
        """Digest of what was written so far, hex."""
        return self._sha256.hexdigest()

    def write(self, piece: bytes) -> None:
        """Take the next bytes."""
        self._sha256.update(piece)
        self._file.write(piece)
        self.length += len(piece)

    def settle(self, name: str) -> Path:
        """Make bytes and name durable; returns the final path."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        final = self.path.with_name(name)
        self.path.replace(final)
        sync_folder(final.parent)
        return final

    def flush(self) -> None:
        """Let the bytes be read by their path."""
        self._file.flush()

    def discard(self) -> None:
        """Forget the bytes; harmless after `settle`."""
        with contextlib.suppress(
            OSError
        ):  # a full disk refuses the last flush, and closes all the same
            self._file.close()
        self.path.unlink(missing_ok=True)


class Shelf:
    """Where chunks lie: one folder an attempt, one file a chunk, one row a chunk."""

    def __init__(self, folder: Path, database: Database, reserve_bytes: int) -> None:
        self._folder = folder
        self._database = database
        self._reserve_bytes = reserve_bytes

    def path_of(self, chunk: Chunk) -> Path:
        """Where a chunk's bytes lie."""
        return self._folder / chunk.attempt_id / chunk.file_name

    def require_space(self, length: int) -> None:
        """Check that the disk can take `length` bytes and state can still go on.

        Raises:
            Refusal: DISK_FULL.
        """
        if shutil.disk_usage(self._folder).free - length < self._reserve_bytes:
            raise refusal("DISK_FULL", retry_after_s=30)

    def begin(self, attempt_id: str) -> Part:
        """A place for bytes that are arriving."""
        folder = self._folder / attempt_id
        if not folder.is_dir():
            folder.mkdir(mode=0o700, exist_ok=True)
            sync_folder(self._folder)
        return Part(folder / f".{secrets.token_hex(8)}{PART}")

    async def keep(self, part: Part, chunk: Chunk, now_us: int) -> bool:
        """Make a whole part the chunk; returns whether it was there before.

        Raises:
            Refusal: EVIDENCE_CONFLICT: other bytes are there; an alarm was written.
            Refusal: DISK_FULL: nothing is acknowledged.
        """
        try:
            final = await asyncio.to_thread(part.settle, chunk.file_name)
            place = await self._database.write(lambda c: self._enter(c, chunk, now_us))
        except OSError as error:
            raise full_or(error) from error
        except OperationalError as error:
            if is_full(error):
                raise refusal("DISK_FULL", retry_after_s=30) from error
            raise
        if place is Place.OTHER:
            final.unlink(missing_ok=True)
            raise refusal("EVIDENCE_CONFLICT")
        return place is Place.SAME

    def holds(self, part: Part, chunk: Chunk) -> bool:
        """Whether the bytes of a part are held already, cut otherwise: then they need no place."""
        reach = (chunk.first_byte, chunk.end_byte)
        held = self._database.read(lambda c: chunks.overlapping(c, chunk.attempt_id, reach))
        if missing([(h.first_byte - reach[0], h.end_byte - reach[0]) for h in held], part.length):
            return False
        return all(_same_bytes(part.path, chunk, self.path_of(other), other) for other in held)

    def reconcile(self, now_us: int) -> None:
        """After a start: torn parts go, whole files without a row come in, rows without a file go.

        A file that never got its row was never acknowledged; taking it in spares sending it again.
        """
        for folder in sorted(self._folder.iterdir()):
            if folder.is_dir():
                self._reconcile(folder, now_us)

    def _reconcile(self, folder: Path, now_us: int) -> None:
        for part in folder.glob(f".*{PART}"):
            part.unlink(missing_ok=True)
        known = self._database.read(lambda c: chunks.of_attempt(c, folder.name))
        names = {chunk.file_name for chunk in known}
        for path in sorted(folder.glob("*.chunk")):
            if path.name not in names:
                self._take_in(path, now_us)
        lost = [chunk for chunk in known if not _is_there(self.path_of(chunk), chunk)]
        if lost:
            self._database.write_now(lambda c: _lose(c, lost, now_us))

    def _take_in(self, path: Path, now_us: int) -> None:
        chunk = _chunk_of(path)
        if chunk is not None:
            place = self._database.write_now(lambda c: chunks.insert(c, chunk, now_us))
            if place is Place.FREE:
                return
        path.unlink(missing_ok=True)

    def _enter(self, connection: Connection, chunk: Chunk, now_us: int) -> Place:
        place = chunks.insert(connection, chunk, now_us)
        if place is Place.OTHER:
            report_conflict(connection, chunk, now_us)
        return place


def report_conflict(connection: Connection, chunk: Chunk, now_us: int) -> None:
    """Somebody sent other bytes for a place that is held: a person must look at it."""
    detail = f"other bytes offered for {chunk.first_byte}..{chunk.end_byte}"
    alarm(connection, now_us, chunk.attempt_id, "EVIDENCE_CONFLICT", detail)


def full_or(error: OSError) -> Exception:
    """A full disk as its refusal; any other error as it is."""
    return refusal("DISK_FULL", retry_after_s=30) if error.errno in FULL else error


def _same_bytes(mine: Path, chunk: Chunk, theirs: Path, other: Chunk) -> bool:
    """Whether two files agree where their places overlap."""
    first = max(chunk.first_byte, other.first_byte)
    length = min(chunk.end_byte, other.end_byte) - first
    with mine.open("rb") as one, theirs.open("rb") as two:
        one.seek(first - chunk.first_byte)
        two.seek(first - other.first_byte)
        while length > 0:
            piece = one.read(min(length, PIECE_BYTES))
            if not piece or piece != two.read(len(piece)):
                return False
            length -= len(piece)
    return True


def _is_there(path: Path, chunk: Chunk) -> bool:
    return path.is_file() and path.stat().st_size == chunk.end_byte - chunk.first_byte


def _lose(connection: Connection, lost: list[Chunk], now_us: int) -> None:
    for chunk in lost:
        chunks.remove(connection, chunk)
        detail = f"{chunk.first_byte}..{chunk.end_byte} is not on the disk any more"
        alarm(connection, now_us, chunk.attempt_id, "EVIDENCE_LOST", detail)


def _chunk_of(path: Path) -> Chunk | None:
    """The chunk that a file says it is; None when its bytes do not fit its name."""
    first, _, digest = path.stem.partition("-")
    with path.open("rb") as file:
        fits = hashlib.file_digest(file, "sha256").hexdigest() == digest
    if not fits or not first.isdigit():
        return None
    length = path.stat().st_size
    return Chunk(path.parent.name, int(first), int(first) + length, digest)
