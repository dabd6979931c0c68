"""How much a disk can still take, without asking it each time."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

HOLDS_S = 0.5  # others write there as well; whoever meets a full disk is told by the disk itself


class Space:
    """Free bytes of the disk below a folder: asked now and then, counted down in between.

    Thread: any; two at once ask twice.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._free = 0
        self._asked_s = float("-inf")

    def has(self, length: int, reserve_bytes: int) -> bool:
        """Whether `length` bytes go there, and leave the reserve; what is told so is taken."""
        now_s = time.monotonic()
        if self._free - length < reserve_bytes or now_s - self._asked_s > HOLDS_S:
            self._free = shutil.disk_usage(self._folder).free
            self._asked_s = now_s
        if self._free - length < reserve_bytes:
            return False
        self._free -= length
        return True
