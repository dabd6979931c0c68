"""What a running recording needs twice a second: counts, acknowledgements, a look at the disk."""

from __future__ import annotations

from zhishiyun_client.app.heartbeats import Heartbeats
from zhishiyun_client.app.recorder_notebook import Notebook
from zhishiyun_client.app.recorder_quality import RecorderQuality
from zhishiyun_client.app.recorder_troubles import Troubles, disk_trouble
from zhishiyun_client.evidence.book import EvidenceBook
from zhishiyun_client.runtime.clock import ExamClock
from zhishiyun_protocol.evidence.contents import Ack

QUALITY_EVERY_S = 60.0
ACK_EVERY_S = 10.0


class Tending:
    """Writes into the book in hand. Thread: the core's."""

    def __init__(
        self,
        notebook: Notebook,
        clock: ExamClock,
        beats: Heartbeats,
        troubles: Troubles,
        quality: RecorderQuality,
    ) -> None:
        self._notebook = notebook
        self._clock = clock
        self._beats = beats
        self._troubles = troubles
        self._quality = quality
        self._acked = 0
        self._next_quality_s = self._next_ack_s = 0.0

    def tend(self, book: EvidenceBook, committed: int, now_s: float) -> None:
        """One look."""
        self._watch_disk(book)
        self._quality.look(book, now_s)
        if now_s >= self._next_quality_s:
            self._next_quality_s = now_s + QUALITY_EVERY_S
            book.quality(self._quality.record(self._quality.pressure.value))
            self._notebook.keep_clock(self._clock)
        if now_s >= self._next_ack_s and committed > self._acked:
            self._next_ack_s, self._acked = now_s + ACK_EVERY_S, committed
            held = self._beats.progress.held_bytes
            book.ack(Ack(committed=committed, held_bytes=held))

    def _watch_disk(self, book: EvidenceBook) -> None:
        full = book.writer.is_refused or not book.has_room_for_pictures
        self._troubles.say(disk_trouble("DISK_FULL"), full)
