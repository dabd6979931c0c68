"""Records that wait for the disk, in their order; as many as the memory is given for it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from zhishiyun_protocol.evidence.chain import Head
from zhishiyun_protocol.evidence.contents import Checkpoint

WAITING_BYTES = 16 * 1024 * 1024
"""A minute and a half of everything at 1.3 Mbit/s, an hour of sound alone; an antivirus program
holds a file for seconds. More would weigh on a machine of 4 GB."""

BATCH_BYTES = 1024 * 1024
"""In one write: a disk that takes a second for each would never catch up record by record."""


@dataclass(frozen=True, slots=True)
class WaitingRecord:
    """One whole record, or several in their order.

    reaches: the chain once it is written
    signed:  the newest checkpoint in it, if there is one
    """

    data: bytes
    reaches: Head
    signed: Checkpoint | None


class Unwritten:
    """First in, first out. Thread: holds the writer's lock."""

    def __init__(self) -> None:
        self._records: deque[WaitingRecord] = deque()
        self._bytes = 0

    def __bool__(self) -> bool:
        return bool(self._records)

    def batch(self) -> WaitingRecord:
        """What must be written next, as one: the oldest record and those behind it."""
        first, length = self._records[0], 0
        several: list[WaitingRecord] = []
        for record in self._records:
            length += len(record.data)
            if several and length > BATCH_BYTES:
                break
            several.append(record)
        if len(several) == 1:
            return first
        signed = next((it.signed for it in reversed(several) if it.signed), None)
        return WaitingRecord(b"".join(it.data for it in several), several[-1].reaches, signed)

    def has_room_for(self, more_bytes: int) -> bool:
        """Whether so much may wait too; a single record always may."""
        return not self._records or self._bytes + more_bytes <= WAITING_BYTES

    def add(self, data: bytes, reaches: Head, signed: Checkpoint | None) -> None:
        """One more waits."""
        self._records.append(WaitingRecord(data, reaches, signed))
        self._bytes += len(data)

    def drop(self, written: WaitingRecord) -> None:
        """A batch is written."""
        left = len(written.data)
        while left > 0:
            gone = len(self._records.popleft().data)
            left -= gone
            self._bytes -= gone
