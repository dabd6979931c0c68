"""Follows one recording's chain over the chunks that have arrived, without holding them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import BinaryIO

import msgspec

from zhishiyun_protocol.evidence.contents import Stream
from zhishiyun_protocol.evidence.layout import Kind, LogHeader, Record, Source
from zhishiyun_protocol.evidence.sealing import key_check
from zhishiyun_protocol.evidence.verify import Verdict, Verifier
from zhishiyun_protocol.messages.live import ChainHead
from zhishiyun_server.keep.chunks import Chunk
from zhishiyun_server.keep.heads import is_genuine

PIECE_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Expected:
    """What the log of this recording must say of itself."""

    recording_id: str
    source: Source
    exam_id: str
    plan_sha256: str
    device_key: str
    server_key: str
    evidence_key: bytes

    def fault_of(self, header: LogHeader) -> str:
        """Why a log is not this recording's; "" when it is."""
        told = (header.attempt_id, header.exam_id, header.plan_sha256, header.device_key)
        ours = (self.recording_id, self.exam_id, self.plan_sha256, self.device_key)
        strange = header.server_key != self.server_key or header.made_by is not self.source
        if told != ours or strange:
            return "LOG_OF_ANOTHER_ATTEMPT"
        if header.key_check != key_check(self.evidence_key):
            return "LOG_WRONG_KEY"
        return ""


@dataclass(slots=True)
class Follower:
    """A verifier and how far it has read. Thread: one at a time."""

    expected: Expected
    verifier: Verifier = field(default_factory=Verifier)
    position: int = 0
    demonstration: bool = False
    fault: str = ""
    alarmed: str = ""  # the fault that was told already
    forged: int | None = None  # the record of a head that the device never signed
    _committed: dict[int, ChainHead] = field(default_factory=dict)

    def catch_up(
        self,
        fresh: Iterable[Chunk],
        open_chunk: Callable[[Chunk], BinaryIO],
        committed: dict[int, ChainHead],
    ) -> None:
        """Read the chunks that continue what was read, one after another.

        committed: record count → what a heartbeat committed to, of those not yet read.
        """
        self._committed = committed
        for chunk in fresh:
            with open_chunk(chunk) as file:
                while piece := file.read(PIECE_BYTES):
                    self._feed(piece)
            self.position = chunk.end_byte

    def verdict(self) -> Verdict:
        """What holds so far, with our own faults among the verifier's."""
        verdict = self.verifier.verdict()
        if not self.fault:
            return verdict
        return msgspec.structs.replace(verdict, faults=(self.fault, *verdict.faults))

    @property
    def told_fault(self) -> str:
        """What is wrong already, whatever may still come; "" when nothing is."""
        unfinished = {"LOG_NOT_ENDED", "LOG_TORN", "LOG_TAIL_UNSIGNED"}
        if self.position == 0:
            return ""
        told = (self.fault, *self.verifier.faults()) if self.fault else self.verifier.faults()
        faults = [f for f in told if f not in unfinished]
        header_may_come = self.verifier.header is None and self.position < PIECE_BYTES
        return "" if not faults or (header_may_come and faults == ["LOG_FOREIGN"]) else faults[0]

    def _feed(self, piece: bytes) -> None:
        known = self.verifier.header is not None
        for record in self.verifier.records(piece):
            self._look(record)
        header = self.verifier.header
        if header is not None and not known:
            self.fault = self.fault or self.expected.fault_of(header)

    def _look(self, record: Record) -> None:
        if record.header.kind == Kind.STREAM:
            try:
                stream = msgspec.json.decode(record.payload, type=Stream)
            except msgspec.DecodeError:
                self.fault = self.fault or "LOG_PAYLOAD_UNREADABLE"
                return
            self.demonstration = self.demonstration or stream.demonstration
        told = self._committed.get(record.header.sequence + 1)
        if told is None or told.head == record.digest.hex():
            return  # what equals the chain needs no signature beside the chain's own
        if is_genuine(self.expected.recording_id, self.expected.device_key, told):
            self.fault = self.fault or "LOG_FORKED"
        else:
            self.forged = told.records
