"""Trying a call again until it answers, is refused, or patience ends; see domain/transfer."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from zhishiyun_client.domain.transfer import USUAL, Schedule
from zhishiyun_client.ports.api import retry_after_s
from zhishiyun_protocol.errors import Transient

Result = TypeVar("Result")


def until_answered(
    call: Callable[[], Result],
    stop: threading.Event,
    *,
    schedule: Schedule = USUAL,
    within_s: float = float("inf"),
    chance: Callable[[], float] = random.random,
    between: Callable[[Transient, float], None] | None = None,
) -> Result:
    """Call again after every Transient, waiting on `stop`.

    Args:
        within_s: no further try begins after this many seconds.
        between:  told each failure and the wait that follows it.

    Raises:
        Transient: the last one, when stopped or out of patience.
    """
    began_s = time.monotonic()
    attempt = 0
    while True:
        try:
            return call()
        except Transient as error:
            attempt += 1
            wait_s = schedule.wait_s(attempt, chance(), retry_after_s(error))
            if time.monotonic() + wait_s - began_s > within_s:
                raise
            if between is not None:
                between(error, wait_s)
            if stop.wait(wait_s):
                raise
