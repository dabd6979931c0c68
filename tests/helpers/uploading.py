"""Uploaders for one log, through the real client over loopback, and what they say."""

from __future__ import annotations

from typing import TypeVar

from tests.helpers.chunk_server import SERVER_KEY, SESSION, ChunkServer
from tests.helpers.waits import wait_until
from tests.helpers.whole_log import LogMaker
from zhishiyun_client.net.evidence_api import EvidenceClient
from zhishiyun_client.net.wire import Wire
from zhishiyun_client.ports.uploading import Progress, ReceiptArrived, UploadBroken
from zhishiyun_client.upload.patience import Patience
from zhishiyun_client.upload.pump import Uploader

Kind = TypeVar("Kind")


class Desk:
    """Starts uploaders for one log and listens to them."""

    def __init__(self, log: LogMaker, server: ChunkServer) -> None:
        self.log = log
        self.server = server
        self.seen: list[object] = []
        self._running: list[tuple[Uploader, Wire]] = []

    def uploads(self, url: str = "", session: str = SESSION) -> Uploader:
        wire = Wire(url or self.server.url)
        uploader = Uploader(
            self.log,
            EvidenceClient(wire, session),
            self.seen.append,
            server_key=SERVER_KEY.public_bytes(),
            patience=Patience(chance=lambda: 0.0),
        )
        self._running.append((uploader, wire))
        uploader.start()
        return uploader

    @property
    def is_uploading(self) -> bool:
        return bool(self._running)

    @property
    def uploader(self) -> Uploader:
        return self._running[-1][0]

    def stops(self) -> None:
        while self._running:
            uploader, wire = self._running.pop()
            assert uploader.stop(15)
            wire.close()

    def of(self, kind: type[Kind]) -> list[Kind]:
        return [report for report in list(self.seen) if isinstance(report, kind)]

    @property
    def receipts(self) -> list[ReceiptArrived]:
        return self.of(ReceiptArrived)

    @property
    def alarms(self) -> list[UploadBroken]:
        return self.of(UploadBroken)

    @property
    def progress(self) -> list[Progress]:
        return self.of(Progress)

    def gets_receipt(self, within_s: float = 20) -> None:
        wait_until(lambda: self.receipts, within_s, f"{self.progress[-1:]} {self.alarms}")
