"""A candidate of the real server who has entered, with a log to bring, and uploads of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.server.log_rig import Log, new_log
from tests.server.rig import Candidate, ExamHome, wall_us
from zhishiyun_client.evidence.finished import FinishedLog
from zhishiyun_client.net.evidence_api import EvidenceClient
from zhishiyun_client.net.wire import Wire
from zhishiyun_client.ports.uploading import Progress, ReceiptArrived, UploadBroken
from zhishiyun_client.upload.pump import Uploader
from zhishiyun_protocol.evidence.layout import Kind, Track
from zhishiyun_protocol.messages.evidence import Receipt
from zhishiyun_protocol.signing import from_text

PACKETS, PAYLOAD_BYTES = 300, 12_000


class Seat:
    """A candidate who has entered, the log on the own disk, and uploads of it."""

    def __init__(
        self,
        exam: ExamHome,
        url: str,
        folder: Path,
        *,
        packets: int = PACKETS,
        payload_bytes: int = PAYLOAD_BYTES,
    ) -> None:
        http = httpx.Client(base_url=url)
        candidate = Candidate(http, exam.tickets(url)[0], wall_us)
        candidate.now_us = lambda: http.post("/v1/time", json={"sent_us": 0}).json()[
            "server_sent_us"
        ]
        granted = candidate.log_in().get_ready().enter()
        self.session = candidate.session
        self.attempt_id = granted.attempt_id
        self.server_key = from_text(granted.server_key)
        self.log = _filled(new_log(candidate, granted), packets, payload_bytes)
        http.close()
        self.path = folder / f"{granted.attempt_id}.zlog"
        self.path.write_bytes(self.log.data)
        self.seen: list[object] = []

    @contextmanager
    def uploading(self, url: str) -> Iterator[Uploader]:
        wire = Wire(url)
        uploader = Uploader(
            FinishedLog(self.path, len(self.log.data)),
            EvidenceClient(wire, self.session),
            self.seen.append,
            server_key=self.server_key,
        )
        uploader.start()
        try:
            yield uploader
        finally:
            assert uploader.stop(30)
            wire.close()

    def receipt(self) -> Receipt | None:
        found = [report.receipt for report in self.seen if isinstance(report, ReceiptArrived)]
        return found[0] if found else None

    def held_bytes(self) -> int:
        """What the uploader was told to be kept."""
        return max((r.held_bytes for r in self.seen if isinstance(r, Progress)), default=0)

    def server_holds(self, url: str) -> int:
        """What the server says it holds."""
        return sum(end - first for first, end in self._asked(url)["ranges"])

    def wanted(self, url: str) -> list[list[int]]:
        """What the server wants to have again."""
        found: list[list[int]] = self._asked(url)["wanted"]
        return found

    def _asked(self, url: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.session}"}
        found: dict[str, Any] = httpx.get(f"{url}/v1/me/evidence", headers=headers).json()
        return found

    def is_proven(self) -> None:
        receipt = self.receipt()
        assert receipt is not None
        assert receipt.body.length == len(self.log.data)
        assert receipt.body.complete
        assert [report for report in self.seen if isinstance(report, UploadBroken)] == []


def _filled(log: Log, packets: int, payload_bytes: int) -> Log:
    for number in range(packets):
        track = (Track.CAMERA, Track.MICROPHONE, Track.SCREEN)[number % 3]
        payload = number.to_bytes(4, "big") * (payload_bytes // 4)
        log.add(Kind.PACKET, payload, 40_000 * number, track, 120_000)
    log.end(40_000 * packets)
    return log
