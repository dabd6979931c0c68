"""The log's only writer: records from any thread, whole or not at all, and what is durable."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from zhishiyun_client.evidence.boundaries import Boundaries
from zhishiyun_client.evidence.unwritten import Unwritten
from zhishiyun_client.runtime.clock import monotonic_us
from zhishiyun_client.runtime.durable import copy_between, is_same_file, sync_folder
from zhishiyun_client.runtime.paths import private_folder
from zhishiyun_client.runtime.refusals import Refusal, refusal_of
from zhishiyun_protocol.evidence.chain import Head
from zhishiyun_protocol.evidence.contents import Checkpoint
from zhishiyun_protocol.evidence.layout import (
    UNKNOWN_ERROR_US,
    Flag,
    Kind,
    RecordHeader,
    Track,
    encode_record,
)
from zhishiyun_protocol.evidence.sealing import TAG_BYTES, Sealer
from zhishiyun_protocol.evidence.verify import HEAD_PURPOSE, head_statement
from zhishiyun_protocol.signing import SigningKey, canonical_json, to_text

LOG = logging.getLogger(__name__)

SLOW_WRITE_US = 1_000_000  # an append is a copy into the page cache: microseconds, unless it hangs
SLOW_FOR_US = 10_000_000

ServerTime = Callable[[int], tuple[int, int]]
"""Exam clock and its error at a monotonic instant, µs; (0, UNKNOWN_ERROR_US) while unknown."""


def no_server_time(_monotonic_us: int) -> tuple[int, int]:
    """The exam's clock before anybody has told it."""
    return 0, UNKNOWN_ERROR_US


@dataclass(frozen=True, slots=True)
class LogKeys:
    """What a log is sealed and signed with; says nothing when printed."""

    sealer: Sealer
    signer: SigningKey


class LogWriter:
    """Appends to one log. Every record goes to the operating system in one write, at once.

    A lock guards the chain, and nothing waits for the disk while it is held; whoever finds nobody
    writing writes what waits, his own record and others', in their order. So a write that hangs
    keeps one thread, and when it took long the log's own thread writes for a while (`is_slow`).

    What the disk refuses, because it is full or because another program holds the file, waits in
    memory (`WAITING_BYTES` of it) and is written in its order, the very same bytes, as soon as the
    disk takes it: no nonce is ever used for two payloads, and nothing is lost meanwhile. The file
    itself never holds a torn record for longer than the refusal.

    The file stays open for the whole attempt. On Windows it is opened without FILE_SHARE_DELETE, so
    that nobody can move or delete it meanwhile; others may read it.

    Args:
        log:     the file, cut at a record boundary by `recovery`.
        head:    the chain up to there.
        run:     this life of the recorder, already durable in the run file.

    Thread: any.
    """

    def __init__(
        self, log: Path, attempt_id: str, head: Head, run: int, keys: LogKeys, time: ServerTime
    ) -> None:
        self.path = log
        self.run = run
        self._attempt_id = attempt_id
        self._keys = keys
        self._time = time
        self._boundaries = Boundaries(log)
        self._lock = threading.Lock()  # the chain and what waits; never held during a write
        self._io = threading.Lock()  # the file; who holds it writes all that waits
        self._sync_lock = threading.Lock()
        self._descriptor = os.open(log, os.O_RDWR | getattr(os, "O_BINARY", 0))
        os.lseek(self._descriptor, head.length, os.SEEK_SET)
        self._built = Head(head.records, head.length, head.digest, run)
        self._written = self._built
        self._durable = 0
        self._signed: Checkpoint | None = None
        self._durable_signed: Checkpoint | None = None
        self._unwritten = Unwritten()
        self._refusal: Refusal | None = None
        self._refused_us = 0
        self._slow_until_us = 0
        self._slowest_us = 0

    @property
    def head(self) -> Head:
        """The chain as written."""
        with self._lock:
            return self._written

    @property
    def checkpoint(self) -> Checkpoint | None:
        """The newest signed head of which every byte is durable."""
        return self._durable_signed

    @property
    def refusal(self) -> Refusal | None:
        """Why the disk takes nothing at the moment; None: it takes everything."""
        return self._refusal

    @property
    def refused_for_us(self) -> int:
        """For how long it has taken nothing."""
        return monotonic_us() - self._refused_us if self._refusal else 0

    @property
    def is_slow(self) -> bool:
        """Whether a write took long a short while ago: the log's own thread writes meanwhile."""
        return monotonic_us() < self._slow_until_us

    def durable_bytes(self) -> int:
        """Bytes that have been fsynced and end at a record boundary."""
        return self._durable

    def take_slowest_write_us(self) -> int:
        """How long the slowest write took since this was asked last."""
        slowest_us, self._slowest_us = self._slowest_us, 0
        return slowest_us

    def boundary_at_or_before(self, offset: int) -> int:
        """The last record boundary ≤ `offset` within the durable bytes; 0 when there is none."""
        return self._boundaries.at_or_before(offset, self._durable)

    def append(
        self,
        kind: Kind,
        payload: bytes,
        *,
        track: Track = Track.NONE,
        flags: Flag = Flag.NONE,
        at_us: int | None = None,
        duration_us: int = 0,
    ) -> bool:
        """Write one record, or let it wait; False when too much waits already: it is not kept."""
        if not self._makes_room_for(len(payload)):
            return False
        with self._lock:
            self._build(kind, payload, track, flags, at_us, duration_us)
        self._hand_over()
        return True

    def pay(self) -> bool:
        """Write what waits; False when the disk refuses it again. May take long."""
        with self._io:
            return self._write_all(patient=True)

    def sign_head(self) -> bool:
        """Append a CHECKPOINT over every record so far; False when too much waits already."""
        if not self._makes_room_for(0):
            return False
        with self._lock:
            head = self._built
            statement = head_statement(self._attempt_id, head)
            signed = Checkpoint(
                records=head.records,
                length=head.length,
                head=head.digest.hex(),
                signature=to_text(self._keys.signer.sign(HEAD_PURPOSE, statement)),
            )
            self._build(Kind.CHECKPOINT, canonical_json(signed), signed=signed)
        self._hand_over()
        return True

    def sync(self) -> int:
        """Make everything written so far durable; the new `durable_bytes`. May take long."""
        with self._sync_lock:
            self.pay()
            with self._lock:
                length, signed = self._written.length, self._signed
            try:
                os.fsync(self._descriptor)
            except OSError as error:
                LOG.warning("fsync refused: %s", error)
                return self._durable
            self._durable = max(self._durable, length)
            self._durable_signed = signed
            return self._durable

    def put_back(self) -> bool:
        """Write the log anew where somebody has removed or replaced it (F29); whether it had to be.

        The open file still holds every byte: it is copied, made durable and put in its place.
        Windows lets nobody move an open file.

        Raises:
            OSError: there is no room, or the folder cannot be written; nothing has changed.
        """
        if is_same_file(self._descriptor, self.path) or not hasattr(os, "pread"):
            return False
        LOG.warning("the log was removed: writing it anew")
        with self._sync_lock:
            private_folder(self.path.parent)
            fresh = self.path.with_name(self.path.name + ".back")
            target = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                copied = copy_between(self._descriptor, target, 0, self._written.length)
                with self._io:  # what was written meanwhile, and nothing more until it is done
                    copy_between(self._descriptor, target, copied, self._written.length)
                    os.fsync(target)
                    fresh.replace(self.path)
                    self._descriptor, target = target, self._descriptor
                    os.lseek(self._descriptor, self._written.length, os.SEEK_SET)
            finally:
                os.close(target)
            sync_folder(self.path.parent)
        return True

    def close(self) -> None:
        """Sync and close; nothing may be appended afterwards."""
        self.sync()
        with self._sync_lock, self._io:
            os.close(self._descriptor)

    def _build(
        self,
        kind: Kind,
        payload: bytes,
        track: Track = Track.NONE,
        flags: Flag = Flag.NONE,
        at_us: int | None = None,
        duration_us: int = 0,
        signed: Checkpoint | None = None,
    ) -> None:
        """Make the next record and let it wait. Thread: holds the lock."""
        at_us = monotonic_us() if at_us is None else at_us
        server_us, error_us = self._time(at_us)
        header = RecordHeader(
            sequence=self._built.records,
            run=self.run,
            kind=kind,
            track=track,
            flags=flags,
            monotonic_us=at_us,
            server_us=server_us,
            error_us=min(error_us, UNKNOWN_ERROR_US),
            duration_us=duration_us,
            payload_bytes=len(payload) + (TAG_BYTES if kind.is_sealed else 0),
            previous=self._built.digest,
        )
        if kind.is_sealed:
            payload = self._keys.sealer.seal(header, payload)
        data, digest = encode_record(header, payload)
        length = self._built.length + len(data)
        self._built = Head(self._built.records + 1, length, digest, self.run)
        self._unwritten.add(data, self._built, signed)

    def _makes_room_for(self, more_bytes: int) -> bool:
        if self._unwritten.has_room_for(more_bytes):
            return True
        self._drain()
        return self._unwritten.has_room_for(more_bytes)

    def _hand_over(self) -> None:
        """Write what waits, unless the log's own thread does so for the moment."""
        if not self.is_slow:
            self._drain()

    def _drain(self) -> bool:
        """Write what waits, unless somebody does: he takes it along. Whether nothing waits now."""
        while self._io.acquire(blocking=False):
            try:
                if not self._write_all(patient=False):
                    return False
            finally:
                self._io.release()
            with self._lock:
                if not self._unwritten:
                    return True  # else it came after the last look and before the release
        return False

    def _write_all(self, *, patient: bool) -> bool:
        """Write what waits, oldest first; False when the disk refuses. Thread: holds `_io`.

        Args:
            patient: whether to go on when the disk is slow.
        """
        while True:
            with self._lock:
                if not self._unwritten:
                    return True
                batch = self._unwritten.batch()
            began_us = monotonic_us()
            try:
                self._write(batch.data)
            except OSError as error:
                self._note_refusal(error, len(batch.data))
                self._cut_back()
                return False
            self._note_pace(monotonic_us() - began_us)
            with self._lock:
                self._refusal = None
                self._unwritten.drop(batch)
                self._written = batch.reaches
                self._signed = batch.signed or self._signed
            if self.is_slow and not patient:
                return False

    def _note_pace(self, took_us: int) -> None:
        self._slowest_us = max(self._slowest_us, took_us)
        if took_us < SLOW_WRITE_US:
            return
        if not self.is_slow:
            LOG.warning("a write took %d ms", took_us // 1000)
        self._slow_until_us = monotonic_us() + SLOW_FOR_US

    def _write(self, data: bytes) -> None:
        if self._refusal is not None:  # where the last try got to is not known for certain
            os.lseek(self._descriptor, self._written.length, os.SEEK_SET)
        written = 0
        while written < len(data):
            written += os.write(self._descriptor, data[written:] if written else data)

    def _note_refusal(self, error: OSError, refused_bytes: int) -> None:
        if self._refusal is None:
            LOG.warning("the disk refused %d bytes: %s", refused_bytes, error)
            self._refused_us = monotonic_us()
        self._refusal = refusal_of(error)

    def _cut_back(self) -> None:
        """Leave no half record; where that is refused too, the next try writes over it."""
        try:
            os.ftruncate(self._descriptor, self._written.length)
        except OSError as error:
            LOG.info("what was torn stays until the file can be written: %s", error)
