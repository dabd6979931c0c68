"""The evidence folder: a chunk is there when its bytes, its name and its row are durable."""

from __future__ import annotations

import asyncio
import contextlib
import enum
import errno
import hashlib
import itertools
import os
import secrets
import shutil
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from zhishiyun_server.evidence.part import Part
from zhishiyun_server.evidence.ranges import missing
from zhishiyun_server.evidence.register import Hear, Outcome, Register
from zhishiyun_server.keep import chunks
from zhishiyun_server.keep.audit import alarm
from zhishiyun_server.keep.chunks import Chunk, Place, chunk_named
from zhishiyun_server.keep.database import Database
from zhishiyun_server.keep.disk import DiskThreads
from zhishiyun_server.keep.durable import PART, sync_folder
from zhishiyun_server.keep.space import Space
from zhishiyun_server.problems import Refusal, refusal

PIECE_BYTES = 256 * 1024
DISK_THREADS = 16  # they wait for the disk: fsyncs that wait together cost hardly more than one
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Look(enum.Enum):
    """How closely a store is looked at."""

    NOW_AND_THEN = "now and then"  # not more often than every few seconds an attempt
    FRESH = "fresh"  # what is new
    WHOLE = "whole"  # everything, also whether something is lost


class Shelf:
    """Where chunks lie: one folder an attempt, one file a chunk, one row a chunk."""

    def __init__(self, folder: Path, database: Database, reserve_bytes: int) -> None:
        self._folder = folder
        self._database = database
        self._reserve_bytes = reserve_bytes
        self._space = Space(folder)
        self._mark, self._numbers = secrets.token_hex(8), itertools.count()
        self._register = Register(database)
        self._disk = DiskThreads(DISK_THREADS, "evidence-disk")

    def open(self, chunk: Chunk) -> BinaryIO:
        """A chunk's bytes, to be closed by the caller.

        Raises:
            OSError: they cannot be had back.
        """
        return self._path_of(chunk).open("rb")

    def grant(self, _chunk: Chunk) -> tuple[str, dict[str, str]] | None:
        """(URL, headers) where the chunk goes without passing here; None: it comes here."""
        return None

    async def discover(self, recording_id: str, now_us: int, look: Look) -> None:
        """Learn what arrived without passing here, which nothing does in a folder.

        Raises:
            Refusal: STORE_UNREACHABLE.
        """
        if look is Look.WHOLE:
            await asyncio.to_thread(self.discover_all, recording_id, now_us)

    def discover_all(self, recording_id: str, now_us: int) -> None:
        """The same for commands, comparing everything: rows without their bytes go."""
        known = self._database.read(lambda c: chunks.of_recording(c, recording_id))
        lost = [chunk for chunk in known if not _is_there(self._path_of(chunk), chunk)]
        if lost:
            self._database.write_now(lambda c: lose(c, lost, now_us))

    def forget(self, recording_id: str) -> None:
        """Delete every byte of an attempt, when its time is over. Thread: any but the loop's.

        Raises:
            OSError: something would not go.
        """
        folder = self._folder / recording_id
        if not folder.is_dir():
            return
        while folder.is_dir():
            with contextlib.suppress(FileNotFoundError):  # another process deletes as well
                shutil.rmtree(folder)
        sync_folder(self._folder)

    def close(self) -> None:
        """Finish what is on its way to the disk, and let go of everything."""
        self._disk.stop()

    def require_space(self, length: int) -> None:
        """Check that the disk can take `length` bytes and state can still go on.

        Raises:
            Refusal: DISK_FULL.
        """
        if not self._space.has(length, self._reserve_bytes):
            raise refusal("DISK_FULL", retry_after_s=30)

    def begin(self, recording_id: str) -> Part:
        """A place for bytes that are arriving."""
        folder = f"{self._folder}/{recording_id}"
        name = f".{self._mark}{next(self._numbers)}{PART}"
        try:
            return Part(folder, name)
        except FileNotFoundError:
            Path(folder).mkdir(mode=0o700, exist_ok=True)
            sync_folder(self._folder)
            return Part(folder, name)

    async def keep(self, part: Part, chunk: Chunk, now_us: int) -> bool:
        """Make a whole part the chunk; returns whether it was there before.

        Raises:
            Refusal: NOT_ENTERED, ALREADY_SEALED.
            Refusal: EVIDENCE_CONFLICT: other bytes are there; an alarm was written.
            Refusal: DISK_FULL: nothing is acknowledged.
        """
        settled: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

        def hear(outcome: Outcome) -> None:
            if not settled.done():  # nobody waits any more
                settled.set_result(outcome)

        self.settle(part, chunk, now_us, hear)
        return await self.judge(await settled, chunk, now_us)

    def settle(self, part: Part, chunk: Chunk, now_us: int, hear: Hear) -> None:
        """Bring a whole part to the disk and into the index; `hear` is called on the loop."""
        loop = asyncio.get_running_loop()
        part.give()

        def tell(outcome: Outcome) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended: nobody hears any more
                loop.call_soon_threadsafe(hear, outcome)

        def work() -> None:
            failure = self._failure_of(part, chunk)
            if failure is None:
                self._register.enter(chunk, now_us, tell)
            else:
                tell(failure)

        # Not before this turn is over: a thread that wakes now would only ask for the interpreter.
        loop.call_soon(self._disk.do, work)

    async def judge(self, outcome: Outcome, chunk: Chunk, now_us: int) -> bool:
        """What an outcome means: whether the bytes were there before.

        Raises:
            As `keep`.
        """
        if isinstance(outcome, Refusal):
            self._take_back(chunk)
            raise outcome
        if isinstance(outcome, OSError):
            raise full_or(outcome) from outcome
        if isinstance(outcome, OperationalError) and self._database.is_full(outcome):
            raise refusal("DISK_FULL", retry_after_s=30) from outcome
        if isinstance(outcome, Exception):
            raise outcome
        if outcome is Place.OTHER:
            await self._compare(chunk, now_us)
        return outcome is not Place.FREE

    async def _compare(self, chunk: Chunk, now_us: int) -> None:
        """Something is held there: the very same bytes, cut otherwise, are welcome."""
        agrees = await asyncio.to_thread(self._is_held, chunk)
        self._take_back(chunk)
        if not agrees:
            await self._database.write(lambda c: report_conflict(c, chunk, now_us))
            raise refusal("EVIDENCE_CONFLICT")
        await self._database.write(lambda c: chunks.satisfied(c, chunk))

    def _is_held(self, chunk: Chunk) -> bool:
        """Whether these bytes are held already, cut otherwise: then they need no place."""
        reach = (chunk.first_byte, chunk.end_byte)
        held = self._database.read(lambda c: chunks.overlapping(c, chunk.recording_id, reach))
        covered = [(h.first_byte - reach[0], h.end_byte - reach[0]) for h in held]
        if missing(covered, chunk.end_byte - chunk.first_byte):
            return False
        return all(self._agrees(chunk, other) for other in held)

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
        known = self._database.read(lambda c: chunks.of_recording(c, folder.name))
        names = {chunk.file_name for chunk in known}
        for path in sorted(folder.glob("*.chunk")):
            if path.name not in names:
                self._take_in(path, now_us)
        self.discover_all(folder.name, now_us)

    def _failure_of(self, part: Part, chunk: Chunk) -> Exception | None:
        """Bring a part to the disk; None: it is durable."""
        try:
            self._deposit(part, chunk)
        except Exception as error:
            return error
        else:
            return None
        finally:
            part.end()

    def _deposit(self, part: Part, chunk: Chunk) -> None:
        part.settle(chunk.file_name)

    def _take_back(self, chunk: Chunk) -> None:
        self._path_of(chunk).unlink(missing_ok=True)

    def _path_of(self, chunk: Chunk) -> Path:
        return self._folder / chunk.recording_id / chunk.file_name

    def _agrees(self, chunk: Chunk, other: Chunk) -> bool:
        with self.open(chunk) as mine, self.open(other) as theirs:
            return same_bytes(mine, chunk, theirs, other)

    def _take_in(self, path: Path, now_us: int) -> None:
        chunk = _chunk_of(path)
        if chunk is not None:
            _bring_to_disk(path)  # whoever was killed in between has named it, and no more
            place = self._database.write_now(lambda c: chunks.insert(c, chunk, now_us))
            if place is not Place.OTHER:  # the same: whoever else serves has just entered it
                return
        path.unlink(missing_ok=True)


def report_conflict(connection: Connection, chunk: Chunk, now_us: int) -> None:
    """Somebody sent other bytes for a place that is held: a person must look at it."""
    detail = f"other bytes offered for {chunk.first_byte}..{chunk.end_byte}"
    alarm(connection, now_us, chunk.recording_id, "EVIDENCE_CONFLICT", detail)


def full_or(error: OSError) -> Exception:
    """A full disk as its refusal; any other error as it is."""
    return refusal("DISK_FULL", retry_after_s=30) if error.errno in FULL else error


def same_bytes(mine: BinaryIO, chunk: Chunk, theirs: BinaryIO, other: Chunk) -> bool:
    """Whether two chunks agree where their places overlap."""
    first = max(chunk.first_byte, other.first_byte)
    length = min(chunk.end_byte, other.end_byte) - first
    mine.seek(first - chunk.first_byte)
    theirs.seek(first - other.first_byte)
    while length > 0:
        piece = mine.read(min(length, PIECE_BYTES))
        if not piece or piece != theirs.read(len(piece)):
            return False
        length -= len(piece)
    return True


def _is_there(path: Path, chunk: Chunk) -> bool:
    return path.is_file() and path.stat().st_size == chunk.end_byte - chunk.first_byte


def lose(connection: Connection, lost: list[Chunk], now_us: int) -> None:
    """Forget chunks that are not there any more, and raise an alarm for each."""
    for chunk in lost:
        chunks.remove(connection, chunk)
        detail = f"{chunk.first_byte}..{chunk.end_byte} is not there any more"
        alarm(connection, now_us, chunk.recording_id, "EVIDENCE_LOST", detail)


def _bring_to_disk(path: Path) -> None:
    with path.open("r+b") as file:
        os.fsync(file.fileno())
    sync_folder(path.parent)


def _chunk_of(path: Path) -> Chunk | None:
    """The chunk that a file says it is; None when its bytes do not fit its name."""
    chunk = chunk_named(path.parent.name, path.name, path.stat().st_size)
    if chunk is None:
        return None
    with path.open("rb") as file:
        fits = hashlib.file_digest(file, "sha256").hexdigest() == chunk.sha256
    return chunk if fits else None
