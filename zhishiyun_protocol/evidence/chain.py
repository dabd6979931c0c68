"""Following a log's chain as its bytes arrive: the same code in recorder, server and verifier."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from zhishiyun_protocol.errors import Refused
from zhishiyun_protocol.evidence.layout import (
    LogHeader,
    Record,
    decode_header,
    decode_record,
)


@dataclass(frozen=True, slots=True)
class Head:
    """How far a chain has been followed."""

    records: int
    length: int  # bytes
    digest: bytes
    last_run: int


class ChainFollower:
    """Feed it a log's bytes in order; it yields whole records and refuses what does not follow.

    Bytes of a record that is not whole yet are kept until the rest arrives (`pending_bytes`).
    """

    def __init__(self) -> None:
        self.header: LogHeader | None = None
        self._pending = bytearray()
        self._offset = 0
        self._records = 0
        self._digest = b""
        self._run = 0

    @property
    def head(self) -> Head:
        """The chain up to the last whole record."""
        return Head(self._records, self._offset, self._digest, self._run)

    @property
    def pending_bytes(self) -> int:
        """Bytes behind the last whole record."""
        return len(self._pending)

    def feed(self, data: bytes) -> Iterator[Record]:
        """Yield every record that is whole now.

        Raises:
            Refused: LOG_FOREIGN, LOG_DAMAGED or LOG_CHAIN_BROKEN; the head stays before the fault.
        """
        self._pending += data
        if self.header is None and not self._take_header():
            return
        at = 0
        try:
            while (record := decode_record(self._pending, at, self._offset)) is not None:
                self._check(record)
                at += record.end - record.offset
                self._advance(record)
                yield record
        finally:
            del self._pending[:at]

    def _take_header(self) -> bool:
        found = decode_header(bytes(self._pending))
        if found is None:
            return False
        self.header, length = found
        self._digest = hashlib.sha256(bytes(self._pending[:length])).digest()
        self._offset = length
        del self._pending[:length]
        return True

    def _check(self, record: Record) -> None:
        header = record.header
        follows = (
            header.previous == self._digest
            and header.sequence == self._records
            and header.run >= self._run
        )
        if not follows:
            raise Refused(
                "LOG_CHAIN_BROKEN",
                f"The chain breaks at byte {record.offset}: a record was removed or altered.",
                f"录制证据链在第 {record.offset} 字节处断开：有记录被删除、移动或改动。",
                offset=record.offset,
            )

    def _advance(self, record: Record) -> None:
        self._offset = record.end
        self._records += 1
        self._digest = record.digest
        self._run = record.header.run
