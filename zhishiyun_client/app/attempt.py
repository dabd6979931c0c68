"""One attempt in the recorder: its log from the first record to the seal."""

from __future__ import annotations

import logging
import time
from pathlib import Path

from zhishiyun_client import __version__
from zhishiyun_client.capture.studio import Studio
from zhishiyun_client.evidence.book import EvidenceBook
from zhishiyun_client.evidence.finished import FinishedLog
from zhishiyun_client.evidence.lives import read_life
from zhishiyun_client.evidence.recovery import Closed, open_log
from zhishiyun_client.evidence.sync import LogBeat
from zhishiyun_client.evidence.writer import LogKeys
from zhishiyun_client.ports.evidence import DurableLog
from zhishiyun_client.ports.recorder import Begin
from zhishiyun_client.runtime.clock import ExamClock
from zhishiyun_client.runtime.paths import attempt_folder, private_folder
from zhishiyun_client.runtime.worker import Report
from zhishiyun_protocol.evidence.chain import Head
from zhishiyun_protocol.evidence.contents import Cause, End, Quality
from zhishiyun_protocol.evidence.layout import UNKNOWN_ERROR_US, LogHeader
from zhishiyun_protocol.evidence.sealing import Sealer, key_check
from zhishiyun_protocol.messages.evidence import Seal
from zhishiyun_protocol.messages.live import ChainHead
from zhishiyun_protocol.signing import SigningKey, from_text, to_text

LOG = logging.getLogger(__name__)
BEAT_STOPS_WITHIN_S = 3.0


def log_path(home: Path, attempt_id: str) -> Path:
    """Where the log of an attempt lies."""
    return attempt_folder(home, attempt_id) / f"{attempt_id}.zlog"


def attempt_boot(home: Path, attempt_id: str) -> str:
    """The boot in which the newest run of an attempt began; "" when there was none."""
    try:
        life = read_life(log_path(home, attempt_id))
    except OSError:  # held by another program: opening the log tries again and says so
        return ""
    return life.boot_id if life else ""


class Attempt:
    """The log of one attempt: being written, or closed and only read. Thread: the core's.

    Raises on making:
        Refused: LOG_FOREIGN, LOG_DAMAGED. OSError: the folder cannot be used.
    """

    def __init__(
        self, home: Path, begin: Begin, clock: ExamClock, studio: Studio, report: Report
    ) -> None:
        self.begin = begin
        self._clock = clock
        self._studio = studio
        self._report = report
        self.book: EvidenceBook | None = None
        self.seal: Seal | None = None
        self.gap_us = 0
        self.cause = Cause.START
        self.run = 0
        self._beat: LogBeat | None = None
        key = from_text(begin.evidence_key)
        signer = SigningKey.from_bytes(from_text(begin.device_key))
        path = log_path(home, begin.attempt_id)
        private_folder(path.parent)
        keys = LogKeys(Sealer(key), signer)
        opened = open_log(path, self._header(key, signer), keys, self._server_time, __version__)
        if isinstance(opened, Closed):
            self.log: DurableLog = FinishedLog(path, opened.head.length)
            self._seal(opened.head)
            return
        self.log = opened.writer
        self.book = EvidenceBook(opened)
        self.gap_us, self.cause, self.run = opened.gap_us, opened.run.cause, opened.run.run

    @property
    def is_recording(self) -> bool:
        """Whether pictures and sound are kept now."""
        return self._beat is not None

    def record(self, rung: str) -> None:
        """Keep pictures and sound from now on; `rung` is where the ladder of quality stands."""
        if self.book is None or self._beat is not None:
            return
        self._studio.record(self.book, self.begin.recording)
        self.book.quality(Quality(rung=rung, why="start"))
        self.start_beat()

    def start_beat(self) -> None:
        """Begin, or begin again after a crash, to sync and sign."""
        if self.book is not None:
            self._beat = LogBeat(self.book, self._report)
            self._beat.start()

    def finish(self, why: str, rung: str) -> bool:
        """Close the log for good; False while the disk has no room for the last records."""
        book = self.book
        if book is None:
            return self.seal is not None
        if self._beat is not None:
            self._stop_capture()
            book.quality(Quality(rung=rung, why="end", counts=self._studio.counts()))
        if not book.end(End(why=why, counts=self._studio.counts())):
            return False
        head = book.writer.head
        book.close(stopped=True)
        self.log = FinishedLog(book.writer.path, head.length)
        self.book = None
        self._seal(head)
        return True

    def leave_open(self) -> None:
        """This process ends and the attempt goes on: everything is written, nobody was killed."""
        if self.book is not None:
            self._stop_capture()
            self.book.stop()
            self.book = None

    def chain_head(self) -> ChainHead | None:
        """The newest signed head of which every byte is durable. Thread: any."""
        book = self.book
        if book is None:
            return None
        signed = book.writer.checkpoint
        if signed is None:
            return None
        return ChainHead(
            records=signed.records,
            length=signed.length,
            head=signed.head,
            signature=signed.signature,
        )

    def _stop_capture(self) -> None:
        late = self._studio.finish()
        for name in late:
            LOG.warning("%s did not let go in time", name)
        if self._beat is not None:
            self._beat.stop(BEAT_STOPS_WITHIN_S)
            self._beat = None

    def _seal(self, head: Head) -> None:
        self.seal = Seal(
            length=head.length,
            records=head.records,
            head=head.digest.hex(),
            last_run=head.last_run,
        )

    def _header(self, key: bytes, signer: SigningKey) -> LogHeader:
        begin = self.begin
        return LogHeader(
            attempt_id=begin.attempt_id,
            exam_id=begin.exam_id,
            plan_sha256=begin.plan_sha256,
            device_key=to_text(signer.public_bytes()),
            server_key=begin.server_key,
            key_check=key_check(key),
            created_us=self._clock.now_us() or time.time_ns() // 1000,
            formal=begin.formal,
            speed=begin.speed,
        )

    def _server_time(self, at_us: int) -> tuple[int, int]:
        known = self._clock.known
        if known is None:
            return 0, UNKNOWN_ERROR_US
        return known.now_us(at_us), known.error_at_us(at_us)
