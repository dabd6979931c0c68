"""The verifier: chain, signatures, gaps and coverage of a log, without server and key (R253)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import msgspec

from zhishiyun_protocol.errors import Refused
from zhishiyun_protocol.evidence.chain import ChainFollower, Head
from zhishiyun_protocol.evidence.contents import (
    Checkpoint,
    End,
    Gap,
    HeadStatement,
    Run,
)
from zhishiyun_protocol.evidence.coverage import Coverage
from zhishiyun_protocol.evidence.layout import Kind, LogHeader, Record
from zhishiyun_protocol.messages.evidence import TrackCoverage
from zhishiyun_protocol.signing import canonical_json, from_text, is_signed

HEAD_PURPOSE = "head"


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a log proves of itself."""

    attempt_id: str
    exam_id: str
    formal: bool
    length: int
    records: int
    head: str
    sha256: str
    runs: int
    signatures: int
    signed_records: int  # the chain is signed up to this many records
    gaps: tuple[Gap, ...]
    coverage: tuple[TrackCoverage, ...]
    ended: bool
    torn_bytes: int  # behind the last whole record
    faults: tuple[str, ...]  # stable codes; empty: the log is whole

    @property
    def is_whole(self) -> bool:
        """Nothing altered, nothing torn, ended, and signed to the end."""
        return not self.faults


def head_statement(attempt_id: str, head: Head) -> bytes:
    """The bytes a device signs for a chain head, purpose "head"."""
    statement = HeadStatement(
        attempt=attempt_id,
        head=head.digest.hex(),
        length=head.length,
        records=head.records,
    )
    return canonical_json(statement)


class Verifier:
    """Feed it a log in pieces, ask for the verdict at any time; the server feeds it chunks."""

    def __init__(self) -> None:
        self._chain = ChainFollower()
        self._sha256 = hashlib.sha256()
        self._coverage = Coverage()
        self._gaps: list[Gap] = []
        self._faults: list[str] = []
        self._runs = 0
        self._signatures = 0
        self._signed_records = 0
        self._ended = False

    @property
    def header(self) -> LogHeader | None:
        """The log's header once it has been read."""
        return self._chain.header

    @property
    def head(self) -> Head:
        """How far the chain holds."""
        return self._chain.head

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the log; a fault is remembered, never raised."""
        for _ in self.records(data):
            continue

    def records(self, data: bytes) -> Iterator[Record]:
        """Like `feed`, and hand out every record that was accepted."""
        self._sha256.update(data)
        if self._faults:
            return
        try:
            for record in self._chain.feed(data):
                self._take(record)
                yield record
        except Refused as refusal:
            self._faults.append(refusal.code)

    def faults(self) -> tuple[str, ...]:
        """What does not hold for the bytes fed so far; cheap, for asking after every piece."""
        head, header = self._chain.head, self._chain.header
        faults = list(self._faults)
        if header is None:
            faults = faults or ["LOG_FOREIGN"]
        if self._chain.pending_bytes and not faults:
            faults.append("LOG_TORN")
        if not self._ended:
            faults.append("LOG_NOT_ENDED")
        elif self._signed_records < head.records - 1:
            faults.append("LOG_TAIL_UNSIGNED")
        return tuple(faults)

    def verdict(self) -> Verdict:
        """What holds for the bytes fed so far."""
        head, header = self._chain.head, self._chain.header
        return Verdict(
            attempt_id=header.attempt_id if header else "",
            exam_id=header.exam_id if header else "",
            formal=header.formal if header else False,
            length=head.length,
            records=head.records,
            head=head.digest.hex(),
            sha256=self._sha256.hexdigest(),
            runs=self._runs,
            signatures=self._signatures,
            signed_records=self._signed_records,
            gaps=tuple(self._gaps),
            coverage=self._coverage.tracks(),
            ended=self._ended,
            torn_bytes=self._chain.pending_bytes,
            faults=self.faults(),
        )

    def _take(self, record: Record) -> None:
        kind, header = record.header.kind, self._chain.header
        if record.header.sequence == 0 and header is not None:
            self._coverage = Coverage(header.made_by)
        if kind == Kind.PACKET:
            self._coverage.add(record.header)
        elif kind < Kind.PACKET:
            try:
                self._take_plain(kind, record)
            except (msgspec.DecodeError, UnicodeDecodeError):
                raise Refused("LOG_PAYLOAD_UNREADABLE", "A plain record cannot be read.") from None
        if self._ended and kind not in (Kind.END, Kind.CHECKPOINT, Kind.ACK):
            raise Refused("LOG_GOES_ON_AFTER_END", "Records follow the end of the recording.")

    def _take_plain(self, kind: int, record: Record) -> None:
        if kind == Kind.RUN:
            self._runs += 1
            self._coverage.begin_run(msgspec.json.decode(record.payload, type=Run))
        elif kind == Kind.GAP:
            self._gaps.append(msgspec.json.decode(record.payload, type=Gap))
        elif kind == Kind.CHECKPOINT:
            self._check_signature(record)
        elif kind == Kind.END:
            msgspec.json.decode(record.payload, type=End)
            self._ended = True

    def _check_signature(self, record: Record) -> None:
        header = self._chain.header
        checkpoint = msgspec.json.decode(record.payload, type=Checkpoint)
        before = Head(
            records=record.header.sequence,
            length=record.offset,
            digest=record.header.previous,
            last_run=record.header.run,
        )
        fits = (
            header is not None
            and checkpoint.records == before.records
            and checkpoint.head == before.digest.hex()
            and is_signed(
                from_text(header.device_key),
                HEAD_PURPOSE,
                head_statement(header.attempt_id, before),
                from_text(checkpoint.signature),
            )
        )
        if not fits:
            raise Refused(
                "LOG_SIGNATURE_WRONG",
                "A checkpoint's signature does not fit the chain.",
            )
        self._signatures += 1
        self._signed_records = before.records
