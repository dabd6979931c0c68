"""The recorder and the server: what goes up, what comes down, and the bundle without a line."""

from __future__ import annotations

import logging
from pathlib import Path

from zhishiyun_client.app.heartbeats import Heartbeats
from zhishiyun_client.app.recorder_door import Door
from zhishiyun_client.app.recorder_notebook import Notebook
from zhishiyun_client.app.recorder_sitting import Sitting, Takers
from zhishiyun_client.app.uplink import Uplink
from zhishiyun_client.ports.line import ClockKnown, Committed, LineDown, LineUp, NewsArrived
from zhishiyun_client.ports.recorder import (
    Attach,
    ExportBundle,
    Exported,
    FromServer,
    Retry,
    Standing,
    Trouble,
    Uploaded,
)
from zhishiyun_client.ports.uploading import Progress, ReceiptArrived, UploadBroken
from zhishiyun_client.runtime.clock import ExamClock
from zhishiyun_client.runtime.worker import Report
from zhishiyun_client.upload import bundle
from zhishiyun_protocol.errors import ZhishiyunError
from zhishiyun_protocol.messages.live import NewsKind

LOG = logging.getLogger(__name__)


class RecorderLine:
    """At most one uplink, and what it said last. Thread: the core's."""

    def __init__(
        self,
        sitting: Sitting,
        notebook: Notebook,
        clock: ExamClock,
        beats: Heartbeats,
        door: Door,
        report: Report,
    ) -> None:
        self._sitting = sitting
        self._notebook = notebook
        self._clock = clock
        self._beats = beats
        self._door = door
        self._report = report
        self._uplink: Uplink | None = None
        self.news: LineUp | LineDown | None = None
        self.committed = 0

    @property
    def takers(self) -> Takers:
        """What is taken here."""
        return {
            Attach: self._on_attach,
            Retry: self._on_retry,
            Standing: self._on_standing,
            ExportBundle: self._on_export,
            ClockKnown: self._on_clock,
            NewsArrived: self._on_news,
            Committed: self._on_committed,
            LineUp: self._on_line,
            LineDown: self._on_line,
            Progress: self._on_progress,
            ReceiptArrived: self._on_receipt,
            UploadBroken: self._on_upload_broken,
        }

    @property
    def is_attached(self) -> bool:
        """Whether a server is known."""
        return self._uplink is not None

    def attach(self, attach: Attach) -> None:
        """Go to this server from now on."""
        uplink = self._uplink
        if uplink is not None and uplink.attach == attach:
            return
        if uplink is not None and uplink.attach.server_url == attach.server_url:
            uplink.renew(attach)
        else:
            if uplink is not None:
                uplink.close()
            cursor = self._notebook.memory.news_cursor
            self._uplink = Uplink(attach, self._beats.compose, self._report, cursor)
        self.upload()

    def upload(self) -> None:
        """Bring the attempt in hand to the server, unless its receipt is here."""
        attempt = self._sitting.attempt
        if attempt is not None and self._uplink is not None and self._sitting.receipt is None:
            self._uplink.upload(attempt.log, attempt.begin.server_key, attempt.seal)

    def beat_now(self) -> None:
        """Something changed that the server should know soon."""
        if self._uplink is not None:
            self._uplink.beat_now()

    def drop_pump(self) -> None:
        """Another attempt begins: the upload of the one before waits."""
        if self._uplink is not None:
            self._uplink.drop_pump()

    def replace(self, worker: str) -> None:
        """A worker of the line crashed: make it anew."""
        if self._uplink is not None and not self._uplink.replace(worker):
            self._uplink.drop_pump()
            self.upload()

    def close(self) -> None:
        """Hang up."""
        if self._uplink is not None:
            self._uplink.close()

    def _on_attach(self, attach: Attach) -> None:
        if self._notebook.memory.line != attach:
            self._notebook.keep(line=attach)
        self.attach(attach)

    def _on_retry(self, _retry: Retry) -> None:
        if self._uplink is not None:
            self._uplink.retry()

    def _on_standing(self, said: Standing) -> None:
        self._beats.findings = said.findings
        self.beat_now()

    def _on_export(self, said: ExportBundle) -> None:
        attempt = self._sitting.attempt
        if attempt is None or attempt.seal is None:
            self._door.tell(
                Exported(
                    code="NOTHING_TO_EXPORT",
                    message="The recording is not closed yet.",
                    zh="录制尚未结束，暂不能导出。",
                )
            )
            return
        target = Path(said.folder) / f"{attempt.begin.attempt_id}{bundle.SUFFIX}"
        try:
            bundle.write(attempt.log.path, attempt.seal, target)
        except ZhishiyunError as error:
            self._door.tell(Exported(code=error.code, message=error.message, zh=error.zh))
        else:
            self._door.tell(Exported(path=str(target)))

    def _on_clock(self, said: ClockKnown) -> None:
        self._clock.learn(said.clock)
        if self._notebook.memory.clock is None:
            self._notebook.keep_clock(self._clock)

    def _on_news(self, said: NewsArrived) -> None:
        self._door.tell(FromServer(news=said.news))
        self._notebook.keep(news_cursor=said.news.cursor)
        if said.news.kind is NewsKind.REUPLOAD:
            self._bring_again()

    def _bring_again(self) -> None:
        """The server wants ranges once more, perhaps after its receipt (R188)."""
        attempt = self._sitting.attempt
        if attempt is not None and self._uplink is not None:
            self._uplink.upload(attempt.log, attempt.begin.server_key, attempt.seal)
            self._uplink.retry()

    def _on_committed(self, said: Committed) -> None:
        self.committed = said.records

    def _on_line(self, said: LineUp | LineDown) -> None:
        self.news = said
        LOG.info("line: %s", said.by if isinstance(said, LineUp) else said.code)

    def _on_progress(self, said: Progress) -> None:
        self._beats.progress = said

    def _on_receipt(self, said: ReceiptArrived) -> None:
        self._sitting.receipt = said.receipt
        self._door.tell(Uploaded(receipt=said.receipt))
        LOG.info("the receipt is here")

    def _on_upload_broken(self, said: UploadBroken) -> None:
        self._door.tell(Trouble(code=said.code, message=said.message, zh=said.zh))
