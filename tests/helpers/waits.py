"""Waiting for a condition instead of sleeping."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_until(condition: Callable[[], object], within_s: float = 10.0, what: str = "") -> None:
    """Look every few milliseconds; fail when it never came true."""
    ends_s = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < ends_s, f"not within {within_s} s: {what or condition}"
        time.sleep(0.01)
