"""The log's only writer: records from any thread, whole or not at all, and what is durable."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from zhishiyun_client.evidence.boundaries import Boundaries
from zhishiyun_client.runtime.clock import monotonic_us
from zhishiyun_protocol.errors import Broken
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

    A write that the disk refuses leaves nothing behind: the file is cut back, and the very same
    bytes are tried again before anything else, so that no nonce is ever used for two payloads.

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
        self._lock = threading.Lock()
        self._sync_lock = threading.Lock()
        self._descriptor = os.open(log, os.O_WRONLY | getattr(os, "O_BINARY", 0))
        os.lseek(self._descriptor, head.length, os.SEEK_SET)
        self._length, self._records, self._digest = head.length, head.records, head.digest
        self._durable = 0
        self._signed: Checkpoint | None = None
        self._durable_signed: Checkpoint | None = None
        self._owed: tuple[bytes, bytes] | None = None  # the record to be written, and its digest
        self._refused = False
        self._slowest_us = 0

    @property
    def head(self) -> Head:
        """The chain as written."""
        with self._lock:
            return Head(self._records, self._length, self._digest, self.run)

    @property
    def checkpoint(self) -> Checkpoint | None:
        """The newest signed head of which every byte is durable."""
        return self._durable_signed

    @property
    def is_refused(self) -> bool:
        """Whether the disk refused the last record."""
        return self._refused

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
        """Write one record; False when the disk has no room (nothing is torn, try again later)."""
        with self._lock:
            return self._append(kind, payload, track, flags, at_us, duration_us)

    def pay(self) -> bool:
        """Write the record that the disk refused, if there is one; False when it refuses again."""
        with self._lock:
            return self._owed is None or self._pay()

    def sign_head(self) -> bool:
        """Append a CHECKPOINT over everything written so far; False when the disk has no room."""
        with self._lock:
            if self._owed is not None and not self._pay():
                return False
            head = Head(self._records, self._length, self._digest, self.run)
            statement = head_statement(self._attempt_id, head)
            signed = Checkpoint(
                records=head.records,
                length=head.length,
                head=head.digest.hex(),
                signature=to_text(self._keys.signer.sign(HEAD_PURPOSE, statement)),
            )
            if not self._append(Kind.CHECKPOINT, canonical_json(signed)):
                return False
            self._signed = signed
            return True

    def sync(self) -> int:
        """Make everything written so far durable; the new `durable_bytes`. May take long."""
        with self._sync_lock:
            with self._lock:
                length, signed = self._length, self._signed
            try:
                os.fsync(self._descriptor)
            except OSError as error:
                LOG.warning("fsync refused: %s", error)
                return self._durable
            self._durable = max(self._durable, length)
            self._durable_signed = signed
            return self._durable

    def close(self) -> None:
        """Sync and close; nothing may be appended afterwards."""
        self.sync()
        with self._sync_lock, self._lock:
            os.close(self._descriptor)

    def _append(
        self,
        kind: Kind,
        payload: bytes,
        track: Track = Track.NONE,
        flags: Flag = Flag.NONE,
        at_us: int | None = None,
        duration_us: int = 0,
    ) -> bool:
        """Build the next record and write it. Thread: holds the lock."""
        if self._owed is not None and not self._pay():
            return False
        at_us = monotonic_us() if at_us is None else at_us
        server_us, error_us = self._time(at_us)
        header = RecordHeader(
            sequence=self._records,
            run=self.run,
            kind=kind,
            track=track,
            flags=flags,
            monotonic_us=at_us,
            server_us=server_us,
            error_us=min(error_us, UNKNOWN_ERROR_US),
            duration_us=duration_us,
            payload_bytes=len(payload) + (TAG_BYTES if kind.is_sealed else 0),
            previous=self._digest,
        )
        if kind.is_sealed:
            payload = self._keys.sealer.seal(header, payload)
        self._owed = encode_record(header, payload)
        return self._pay()

    def _pay(self) -> bool:
        """Write the owed record, or cut back what of it was written. Thread: holds the lock."""
        assert self._owed is not None  # noqa: S101 - the callers have just looked
        data, digest = self._owed
        written, began_us = 0, monotonic_us()
        try:
            while written < len(data):
                written += os.write(self._descriptor, data[written:] if written else data)
        except OSError as error:
            if not self._refused:
                LOG.warning("the disk refused %d bytes: %s", len(data), error)
            self._refused = True
            self._cut_back()
            return False
        self._owed, self._refused = None, False
        self._slowest_us = max(self._slowest_us, monotonic_us() - began_us)
        self._length += len(data)
        self._records += 1
        self._digest = digest
        return True

    def _cut_back(self) -> None:
        try:
            os.ftruncate(self._descriptor, self._length)
            os.lseek(self._descriptor, self._length, os.SEEK_SET)
        except OSError as error:
            raise Broken(
                "LOG_NOT_WRITABLE",
                "the evidence log can be neither written nor cut back",
                "录制证据文件无法写入",
            ) from error
