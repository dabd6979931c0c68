"""How often somebody may knock: token buckets in memory, forgotten by a restart."""

from __future__ import annotations

import time
from collections.abc import Callable

from zhishiyun_server.problems import Refusal, refusal
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
        tokens, now_s = self._level(key)
        if tokens < 1:
            self._levels[key] = (tokens, now_s)
            raise self._too_many(tokens)
        while len(self._levels) >= MOST_KEYS:
            del self._levels[next(iter(self._levels))]
        self._levels[key] = (tokens - 1, now_s)

    def check(self, key: str) -> None:
        """Count nothing; for what is counted only when it goes wrong.

        Raises:
            Refusal: TOO_MANY, as `take` would.
        """
        tokens, now_s = self._level(key)
        if tokens < self._rate.burst:
            self._levels[key] = (tokens, now_s)
        if tokens < 1:
            raise self._too_many(tokens)

    def _level(self, key: str) -> tuple[float, float]:
        """How many knocks are left, now; the key is out of the book meanwhile."""
        now_s = self._now_s()
        tokens, then_s = self._levels.pop(key, (float(self._rate.burst), now_s))
        grown = tokens + (now_s - then_s) * self._rate.per_minute / 60
        return min(self._rate.burst, grown), now_s

    def _too_many(self, tokens: float) -> Refusal:
        wait_s = (1 - tokens) * 60 / self._rate.per_minute
        return refusal("TOO_MANY", retry_after_s=round(wait_s, 1))
