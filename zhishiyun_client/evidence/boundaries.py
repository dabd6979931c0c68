"""Where records begin in a log, found by walking its record headers; nothing is kept on disk."""

from __future__ import annotations

import threading
from bisect import bisect_right
from pathlib import Path

from zhishiyun_client.runtime.refusals import Refusal, held, refusal_of
from zhishiyun_protocol.evidence.layout import (
    MARKER,
    OVERHEAD_BYTES,
    RECORD_HEADER,
    damaged,
    decode_header,
)

_STEP_BYTES = 128 * 1024  # a mark is kept about this often; between marks the headers are walked
_BLOCK_BYTES = 64 * 1024  # read at a time: a system call a record costs more than its bytes
_HEAD_BYTES = 72 * 1024


class Boundaries:
    """Answers where the last record boundary before an offset is. Thread: any."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._lock = threading.Lock()
        self._marks: list[int] = []

    def at_or_before(self, offset: int, limit: int) -> int:
        """The last boundary ≤ `offset`, looking only below `limit`, itself a boundary; else 0.

        Raises:
            Refused: LOG_DAMAGED: something else than a record lies there.
            Transient: LOG_HELD: another program holds the file for the moment.
        """
        try:
            return self._at_or_before(min(offset, limit))
        except OSError as error:
            if refusal_of(error) is Refusal.HELD:
                raise held(self._log) from error
            raise

    def _at_or_before(self, offset: int) -> int:
        with self._lock:
            if not self._marks:
                self._marks.append(self._header_bytes())
            if offset < self._marks[0] or self._marks[0] == 0:
                return 0
            at = self._marks[bisect_right(self._marks, offset) - 1]
            return self._walk(at, offset)

    def _header_bytes(self) -> int:
        with self._log.open("rb") as file:
            found = decode_header(file.read(_HEAD_BYTES))
        return found[1] if found else 0

    def _walk(self, at: int, offset: int) -> int:
        """From boundary `at` along the headers to the last boundary ≤ `offset`."""
        block, block_at = b"", at
        with self._log.open("rb", buffering=0) as file:
            while True:
                if at + RECORD_HEADER.size > block_at + len(block):
                    file.seek(at)
                    block, block_at = file.read(_BLOCK_BYTES), at
                    if len(block) < RECORD_HEADER.size:
                        return at
                marker, payload_bytes = RECORD_HEADER.unpack_from(block, at - block_at)[:2]
                if marker != MARKER:
                    raise damaged(at)
                following = at + OVERHEAD_BYTES + payload_bytes
                if following > offset:
                    return at
                at = following
                if at - self._marks[-1] >= _STEP_BYTES:
                    self._marks.append(at)
