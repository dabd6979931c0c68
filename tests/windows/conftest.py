"""Tests that need Windows itself; elsewhere they are skipped as a whole."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import pytest

from tests.rigs import stage_hand

if sys.platform != "win32":
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture
def stage() -> Callable[..., str]:
    """Hands outside that press keys and plug displays."""
    if not stage_hand.is_there():
        pytest.skip("nobody outside presses keys and plugs displays (make test-windows)")
    return stage_hand.ask


def until(condition: Callable[[], bool], within_s: float = 10.0) -> bool:
    """Wait for a condition, looking every 20 ms; False when the time is over."""
    deadline_s = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline_s:
            return False
        time.sleep(0.02)
    return True
