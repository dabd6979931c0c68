"""How often somebody may knock: token buckets in memory, forgotten by a restart."""

from __future__ import annotations

import time
from collections.abc import Callable

from zhishiyun_server.problems import refusal
from zhishiyun_server.settings import Rate

MOST_KEYS = 20_000


class Bucket:
    """One rate for many keys. Thread: the event loop."""

    def __init__(self, rate: Rate, now_s: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._now_s = now_s
        self._levels: dict[str, tuple[float, float]] = {}  # key → (tokens, when)

    def take(self, key: str) -> None:
        """Count one knock.

        Raises:
            Refusal: TOO_MANY, with the seconds to wait.
        """
        now_s = self._now_s()
        tokens, then_s = self._levels.pop(key, (float(self._rate.burst), now_s))
        tokens = min(self._rate.burst, tokens + (now_s - then_s) * self._rate.per_minute / 60)
        if tokens < 1:
            self._levels[key] = (tokens, now_s)
            wait_s = (1 - tokens) * 60 / self._rate.per_minute
            raise refusal("TOO_MANY", retry_after_s=round(wait_s, 1))
        while len(self._levels) >= MOST_KEYS:
            del self._levels[next(iter(self._levels))]
        self._levels[key] = (tokens - 1, now_s)
