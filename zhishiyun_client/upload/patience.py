"""Whether a try may be made now, how long until the next, and what holds it up."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable

from zhishiyun_client.domain.transfer import PATIENT, USUAL
from zhishiyun_client.ports.api import retry_after_s
from zhishiyun_protocol.errors import Transient, ZhishiyunError


class Patience:
    """Back-off over everything the uploader asks. Thread: the pump's; `hurry` any."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._clock = clock
        self._chance = chance
        self._until_s = 0.0
        self._hurry = threading.Event()
        self.attempt = 0
        self.cause = ""

    def hurry(self) -> None:
        """Somebody wants the next try now (【立即重试】)."""
        self._hurry.set()

    def may_try(self) -> bool:
        """Whether the wait is over."""
        if self._hurry.is_set():
            self._hurry.clear()
            self._until_s = 0.0
        return self._clock() >= self._until_s

    def left_s(self) -> float | None:
        """Seconds until the next try; None when no wait is on."""
        left_s = self._until_s - self._clock()
        return left_s if left_s > 0 else None

    def failed(self, error: ZhishiyunError) -> bool:
        """Wait longer; several failures of the same try count once. Whether this one counted."""
        self.cause = error.code
        if self._clock() < self._until_s:
            return False
        self.attempt += 1
        schedule = USUAL if isinstance(error, Transient) else PATIENT
        wait_s = schedule.wait_s(self.attempt, self._chance(), retry_after_s(error))
        self._until_s = self._clock() + wait_s
        return True

    def worked(self) -> None:
        """Something arrived: start anew."""
        self.attempt = 0
        self.cause = ""
        self._until_s = 0.0
