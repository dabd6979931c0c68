"""Threads that a library has put before everybody else's go back to their place."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def at_our_own_pace() -> Iterator[None]:
    """No thread of this process comes out of it with a real-time priority that it had not before.

    SVT-AV1 gives its threads and the caller's the highest one where the user is allowed to, which
    is root: then nobody else on the machine runs any more, and whatever is started inherits it.
    """
    before = _in_real_time()
    try:
        yield
    finally:
        _calm(_in_real_time() - before)


if sys.platform == "linux":

    def _in_real_time() -> set[int]:
        found = set()
        for thread in (int(each.name) for each in Path("/proc/self/task").iterdir()):
            with contextlib.suppress(ProcessLookupError):
                if os.sched_getscheduler(thread) in (os.SCHED_FIFO, os.SCHED_RR):
                    found.add(thread)
        return found

    def _calm(threads: set[int]) -> None:
        for thread in threads:
            with contextlib.suppress(ProcessLookupError):
                os.sched_setscheduler(thread, os.SCHED_OTHER, os.sched_param(0))

else:

    def _in_real_time() -> set[int]:
        return set()

    def _calm(threads: set[int]) -> None:
        """Elsewhere the library does not do so."""
