"""What a running recording needs twice a second: counts, acknowledgements, a look at the disk."""

from __future__ import annotations

from zhishiyun_client.app.attempt import RUNG
from zhishiyun_client.app.heartbeats import Heartbeats
from zhishiyun_client.app.recorder_notebook import Notebook
from zhishiyun_client.app.recorder_troubles import Troubles, disk_trouble
from zhishiyun_client.capture.studio import Studio
from zhishiyun_client.evidence.book import EvidenceBook
from zhishiyun_client.runtime.clock import ExamClock
from zhishiyun_protocol.evidence.contents import Ack, Quality

QUALITY_EVERY_S = 60.0
ACK_EVERY_S = 10.0
LOW_DISK_BYTES = 500 * 1024 * 1024  # half an hour at 1.2 Mbit/s and room for the system


class Tending:
    """Writes into the book in hand. Thread: the core's."""

    def __init__(
        self,
        studio: Studio,
        notebook: Notebook,
        clock: ExamClock,
        beats: Heartbeats,
        troubles: Troubles,
    ) -> None:
        self._studio = studio
        self._notebook = notebook
        self._clock = clock
        self._beats = beats
        self._troubles = troubles
        self._acked = 0
        self._next_quality_s = self._next_ack_s = 0.0

    def tend(self, book: EvidenceBook, committed: int, now_s: float) -> None:
        """One look."""
        self._watch_disk(book)
        if now_s >= self._next_quality_s:
            self._next_quality_s = now_s + QUALITY_EVERY_S
            book.quality(Quality(rung=RUNG, why="steady", counts=self._studio.counts()))
            self._notebook.keep_clock(self._clock)
        if now_s >= self._next_ack_s and committed > self._acked:
            self._next_ack_s, self._acked = now_s + ACK_EVERY_S, committed
            held = self._beats.progress.held_bytes
            book.ack(Ack(committed=committed, held_bytes=held))

    def _watch_disk(self, book: EvidenceBook) -> None:
        full = book.writer.is_refused or not book.has_room_for_pictures
        low = not full and book.disk_free_bytes < LOW_DISK_BYTES
        self._troubles.say(disk_trouble("DISK_FULL"), full)
        self._troubles.say(disk_trouble("DISK_LOW"), low)
