"""The beat of a log: durable every second, signed every five, gaps written down as they last."""

from __future__ import annotations

import sys
import threading
import time

from zhishiyun_client.evidence.book import EvidenceBook
from zhishiyun_client.runtime.clock import monotonic_us
from zhishiyun_client.runtime.worker import Report, Worker
from zhishiyun_protocol.evidence.contents import Cause
from zhishiyun_protocol.evidence.coverage import TRACKS

SYNC_EVERY_S = 1.0  # a power cut costs at most this and the fsync itself: issue 3 allows 2 s
SIGN_EVERY_US = 5_000_000  # design §3: "every few seconds"
STARVED_US = 2_500_000  # a wait of a second that lasts so long was not ours to end
IS_AWAKE_WHILE_IT_COUNTS = sys.platform == "linux"
"""Elsewhere the monotonic clock runs on while the machine sleeps: a long wait tells nothing."""

SLEPT_AT_LEAST_US = 1_000_000


def asleep_us() -> int:
    """How long this machine has slept since its boot, µs; 0 where the system does not tell.

    Linux' monotonic clock stands still meanwhile, so pictures before and after lie side by side.
    """
    if sys.platform == "linux":
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000 - monotonic_us()
    else:
        return 0


class LogBeat(Worker):
    """Thread "log": fsyncs and signs, so that neither ever waits for a frame."""

    def __init__(self, book: EvidenceBook, report: Report) -> None:
        super().__init__("log", report)
        self._book = book
        self._signed_us = monotonic_us()
        self._asleep_us = asleep_us()

    def turn(self, stop: threading.Event) -> None:
        """Wait a second, then make what was written durable."""
        began_us = monotonic_us()
        if stop.wait(SYNC_EVERY_S):
            return
        now_us = monotonic_us()
        if IS_AWAKE_WHILE_IT_COUNTS and now_us - began_us >= STARVED_US:
            for track in TRACKS:
                self._book.explain(track, Cause.OVERLOAD)
        self._watch_sleep()
        self._book.look_at_disk()
        self._book.put_back()
        self._book.note_missing()
        if now_us - self._signed_us >= SIGN_EVERY_US:
            self._signed_us = now_us
            self._book.writer.sign_head()
        self._book.writer.sync()

    def _watch_sleep(self) -> None:
        """A suspended machine leaves no hole on the timeline: it is written down all the same."""
        asleep = asleep_us()
        if asleep - self._asleep_us >= SLEPT_AT_LEAST_US:
            self._book.slept(asleep - self._asleep_us)
        self._asleep_us = asleep
