"""Records that wait for the disk, in their order; as many as the memory is given for it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from zhishiyun_protocol.evidence.chain import Head
from zhishiyun_protocol.evidence.contents import Checkpoint

WAITING_BYTES = 16 * 1024 * 1024
"""A minute and a half of everything at 1.3 Mbit/s, an hour of sound alone; an antivirus program
holds a file for seconds. More would weigh on a machine of 4 GB."""


@dataclass(frozen=True, slots=True)
class WaitingRecord:
    """One whole record.

    reaches: the chain once it is written
    signed:  the checkpoint that it is, if it is one
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

    @property
    def oldest(self) -> WaitingRecord:
        """What must be written next."""
        return self._records[0]

    def has_room_for(self, more_bytes: int) -> bool:
        """Whether so much may wait too; a single record always may."""
        return not self._records or self._bytes + more_bytes <= WAITING_BYTES

    def add(self, data: bytes, reaches: Head, signed: Checkpoint | None) -> None:
        """One more waits."""
        self._records.append(WaitingRecord(data, reaches, signed))
        self._bytes += len(data)

    def drop_oldest(self) -> None:
        """It is written."""
        self._bytes -= len(self._records.popleft().data)
