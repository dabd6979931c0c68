"""A log that is complete: all of it is durable, and it is only read any more."""

from __future__ import annotations

from pathlib import Path

from zhishiyun_client.evidence.boundaries import Boundaries


class FinishedLog:
    """The port `DurableLog` over a log that nobody writes to. Thread: any."""

    def __init__(self, log: Path, length: int) -> None:
        self.path = log
        self._length = length
        self._boundaries = Boundaries(log)

    def durable_bytes(self) -> int:
        """All of it."""
        return self._length

    def boundary_at_or_before(self, offset: int) -> int:
        """The last record boundary ≤ `offset`; 0 when there is none."""
        return self._boundaries.at_or_before(offset, self._length)
