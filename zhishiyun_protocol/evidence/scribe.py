"""Writes a log into memory, record by record: for demonstrations, load runs and tests.

The recorder has its own writer, which survives crashes (`zhishiyun_client/evidence`); here a log
ends with the process.
"""

from __future__ import annotations

import hashlib

from zhishiyun_protocol.evidence.contents import Checkpoint, End, HeadStatement, Run
from zhishiyun_protocol.evidence.layout import (
    UNKNOWN_ERROR_US,
    Flag,
    Kind,
    LogHeader,
    RecordHeader,
    Track,
    encode_header,
    encode_record,
)
from zhishiyun_protocol.evidence.sealing import TAG_BYTES, Sealer
from zhishiyun_protocol.evidence.verify import HEAD_PURPOSE
from zhishiyun_protocol.messages.evidence import Seal
from zhishiyun_protocol.messages.live import ChainHead
from zhishiyun_protocol.signing import SigningKey, canonical_json, to_text


class Scribe:
    """One log that grows; `take` hands out what is new, which then is nowhere any more.

    Instants are µs since the log's first RUN. Thread: one at a time.
    """

    def __init__(self, header: LogHeader, device: SigningKey, key: bytes) -> None:
        self._header = header
        self._device = device
        self._sealer = Sealer(key)
        self._fresh = bytearray(encode_header(header))
        self._whole = hashlib.sha256(self._fresh)
        self._digest = hashlib.sha256(self._fresh).digest()
        self._length = len(self._fresh)
        self._records = 0
        self._run = 0
        self._error_us = UNKNOWN_ERROR_US
        self._server_us = 0

    @property
    def sha256(self) -> str:
        """Of everything so far, hex."""
        return self._whole.hexdigest()

    @property
    def length(self) -> int:
        """How long the log is."""
        return self._length

    @property
    def fresh_bytes(self) -> int:
        """So many bytes wait to be taken."""
        return len(self._fresh)

    def know_time(self, server_us: int, error_us: int) -> None:
        """At instant 0 the exam's clock showed this, give or take."""
        self._server_us, self._error_us = server_us, error_us

    def begin_run(self, run: Run, at_us: int) -> None:
        """One life of whoever records."""
        self._run = run.run
        self.add(Kind.RUN, canonical_json(run), at_us)

    def add_json(self, kind: Kind, value: object, at_us: int, track: Track = Track.NONE) -> None:
        """One record that is a struct."""
        self.add(kind, canonical_json(value), at_us, track)

    def add(
        self,
        kind: Kind,
        payload: bytes,
        at_us: int,
        track: Track = Track.NONE,
        duration_us: int = 0,
        flags: Flag = Flag.NONE,
    ) -> None:
        """One record; sealed where its kind is."""
        known = self._error_us != UNKNOWN_ERROR_US
        header = RecordHeader(
            sequence=self._records,
            run=self._run,
            kind=kind,
            track=track,
            flags=flags,
            monotonic_us=at_us,
            server_us=self._server_us + round(at_us * self._header.speed) if known else 0,
            error_us=self._error_us,
            duration_us=duration_us,
            payload_bytes=len(payload) + (TAG_BYTES if kind.is_sealed else 0),
            previous=self._digest,
        )
        if kind.is_sealed:
            payload = self._sealer.seal(header, payload)
        encoded, self._digest = encode_record(header, payload)
        self._fresh += encoded
        self._whole.update(encoded)
        self._length += len(encoded)
        self._records += 1

    def checkpoint(self, at_us: int) -> None:
        """Sign the chain so far."""
        head = self.head()
        value = Checkpoint(
            records=head.records, length=head.length, head=head.head, signature=head.signature
        )
        self.add_json(Kind.CHECKPOINT, value, at_us)

    def end(self, why: str, at_us: int) -> None:
        """Nothing follows."""
        self.add_json(Kind.END, End(why=why, counts=()), at_us)
        self.checkpoint(at_us)

    def head(self) -> ChainHead:
        """The commitment to everything so far."""
        statement = HeadStatement(
            attempt=self._header.attempt_id,
            head=self._digest.hex(),
            length=self._length,
            records=self._records,
        )
        signature = self._device.sign(HEAD_PURPOSE, canonical_json(statement))
        return ChainHead(
            records=self._records,
            length=self._length,
            head=self._digest.hex(),
            signature=to_text(signature),
        )

    def seal(self) -> Seal:
        """What is sealed at the end."""
        return Seal(
            length=self._length,
            records=self._records,
            head=self._digest.hex(),
            last_run=self._run,
        )

    def take(self) -> tuple[int, bytes]:
        """(first byte, bytes) of what is new; ends at a record's end."""
        data = bytes(self._fresh)
        self._fresh.clear()
        return self._length - len(data), data
