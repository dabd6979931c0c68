"""What a running recording needs twice a second: counts, acks, a look at disk and devices."""

from __future__ import annotations

from zhishiyun_client.app.attempt import Attempt
from zhishiyun_client.app.disk_words import disk_trouble
from zhishiyun_client.app.heartbeats import Heartbeats
from zhishiyun_client.app.recorder_ailments import RecorderAilments
from zhishiyun_client.app.recorder_notebook import Notebook
from zhishiyun_client.app.recorder_quality import RecorderQuality
from zhishiyun_client.app.recorder_troubles import Troubles
from zhishiyun_client.evidence.book import EvidenceBook
from zhishiyun_client.runtime.clock import ExamClock
from zhishiyun_client.runtime.refusals import Refusal
from zhishiyun_protocol.evidence.contents import Ack

QUALITY_EVERY_S = 60.0
ACK_EVERY_S = 10.0
FAR_S = 86_400.0  # how far the end is taken to be while the exam's clock is unknown
HELD_TOLD_US = 3_000_000  # a scan is over sooner; nothing is lost meanwhile


class Tending:
    """Writes into the book in hand. Thread: the core's."""

    def __init__(
        self,
        notebook: Notebook,
        clock: ExamClock,
        beats: Heartbeats,
        troubles: Troubles,
        quality: RecorderQuality,
        ailments: RecorderAilments,
    ) -> None:
        self._notebook = notebook
        self._clock = clock
        self._beats = beats
        self._troubles = troubles
        self._quality = quality
        self._ailments = ailments
        self._acked = 0
        self._next_quality_s = self._next_ack_s = 0.0

    def tend(self, attempt: Attempt, committed: int, now_s: float) -> None:
        """One look."""
        book = attempt.book
        if book is None:
            return
        self._watch_disk(book)
        self._quality.follow_line(self._beats.progress, self._left_s(attempt), now_s)
        self._quality.look(book, now_s)
        self._ailments.look()
        if now_s >= self._next_quality_s:
            self._next_quality_s = now_s + QUALITY_EVERY_S
            book.quality(self._quality.record(self._quality.pressure.value))
            self._notebook.keep_clock(self._clock)
        if now_s >= self._next_ack_s and committed > self._acked:
            self._next_ack_s, self._acked = now_s + ACK_EVERY_S, committed
            held = self._beats.progress.held_bytes
            book.ack(Ack(committed=committed, held_bytes=held))

    def _left_s(self, attempt: Attempt) -> float:
        now_us = self._clock.now_us()
        if now_us is None:
            return FAR_S
        return max(0.0, (attempt.begin.ends_us - now_us) / 1_000_000 / self._clock.speed)

    def _watch_disk(self, book: EvidenceBook) -> None:
        is_held = book.writer.refusal not in (None, Refusal.FULL)
        lasts = book.writer.refused_for_us >= HELD_TOLD_US
        self._troubles.say(disk_trouble("DISK_FULL"), book.is_disk_full)
        self._troubles.say(disk_trouble("DISK_HELD"), is_held and lasts)
