"""How fast chunks may leave: what the line was seen to carry, so that no queue builds up in front.

A sender that writes as fast as the socket takes fills the router's queue; a heartbeat or a chat
message then waits behind it for seconds. So bytes leave at the line's own pace, and chunk after
chunk: while one waits for its answer the next leaves, and a cut costs one half-sent chunk only.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

LARGEST_PIECE_BYTES = 256 * 1024
SMALLEST_PIECE_BYTES = 2 * 1024
_PIECE_S = 0.05  # a piece is what leaves in this time: so long others wait behind it at most


class Pace:
    """One bucket for all senders; without a rate nobody waits. Thread: any."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._turn = threading.Lock()  # held by the chunk that leaves
        self._rate_bytes_s: float | None = None
        self._free_at_s = 0.0

    def use(self, rate_bytes_s: float | None) -> None:
        """From now on at most so many bytes a second; None: as fast as it goes."""
        self._rate_bytes_s = rate_bytes_s

    def leaving(self, length: int) -> Leaving:
        """The way of one chunk through the bucket."""
        is_paced = self._rate_bytes_s is not None
        return Leaving(self, length, self._clock, self._turn if is_paced else None)

    @property
    def piece_bytes(self) -> int:
        """How many bytes to write at a time."""
        rate = self._rate_bytes_s
        if rate is None:
            return LARGEST_PIECE_BYTES
        return max(SMALLEST_PIECE_BYTES, min(LARGEST_PIECE_BYTES, int(rate * _PIECE_S)))

    def wait(self, length: int) -> None:
        """Return when so many bytes may leave; called by the chunk whose turn it is."""
        rate = self._rate_bytes_s
        if rate is None:
            return
        now_s = self._clock()
        start_s = max(now_s, self._free_at_s)
        self._free_at_s = start_s + length / rate
        if start_s > now_s:
            self._sleep(start_s - now_s)


class Leaving:
    """One chunk on its way out: `ports.api.Pacer`. Thread: its sender's.

    began_s, left_s: when its first and its last byte left
    """

    def __init__(
        self, pace: Pace, length: int, clock: Callable[[], float], turn: threading.Lock | None
    ) -> None:
        self._pace = pace
        self._left_bytes = length
        self._clock = clock
        self._turn = turn
        self._has_turn = False
        self.began_s = self.left_s = clock()

    @property
    def piece_bytes(self) -> int:
        """How many bytes to write at a time."""
        return self._pace.piece_bytes

    @property
    def has_left(self) -> bool:
        """Whether the last byte may have left."""
        return self._left_bytes <= 0

    def wait(self, length: int) -> None:
        """Return when so many bytes may leave."""
        if self._turn is not None and not self._has_turn and self._left_bytes > 0:
            self._turn.acquire()
            self._has_turn = True
            self.began_s = self._clock()
        self._pace.wait(length)
        self.left_s = self._clock()
        self._left_bytes -= length
        if self._left_bytes <= 0:
            self.end()

    def end(self) -> None:
        """Let the next chunk leave; also after a failure."""
        if self._turn is not None and self._has_turn:
            self._has_turn = False
            self._turn.release()
