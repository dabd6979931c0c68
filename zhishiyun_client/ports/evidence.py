"""The evidence log as the uploader sees it: a file of which some bytes are already durable."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol


class DurableLog(Protocol):
    """One attempt's `.zlog` while it grows. Thread: any."""

    @property
    def path(self) -> Path:
        """The file; read-only for everybody but the recorder's writer."""
        ...

    def durable_bytes(self) -> int:
        """Bytes that have been fsynced and end at a record boundary; it only ever grows."""
        ...

    def boundary_at_or_before(self, offset: int) -> int:
        """The last record boundary ≤ `offset` within the durable bytes; 0 when there is none.

        The end of the file header counts as the first boundary.
        """
        ...
