"""The recorder's line to the server: heartbeats, live channel, uploader; made anew per session.

The HTTP library comes in with the first line only: it is a third of what a recorder imports, and
after a crash the devices must not wait for it.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from zhishiyun_client.ports.evidence import DurableLog
from zhishiyun_client.ports.recorder import Attach
from zhishiyun_client.runtime.worker import Report
from zhishiyun_client.upload.pump import Uploader
from zhishiyun_protocol.messages.evidence import Seal
from zhishiyun_protocol.signing import from_text

if TYPE_CHECKING:
    from zhishiyun_client.net.channel import Beating, Channel
    from zhishiyun_client.net.live_socket import LiveSocket

LOG = logging.getLogger(__name__)
CHANNEL_STOPS_WITHIN_S = 2.0
PUMP_STOPS_WITHIN_S = 5.0


class Uplink:
    """One session's connections. Thread: the core's.

    Args:
        beating: what the next heartbeat says.
        report:  takes what Channel and Uploader report.
    """

    def __init__(self, attach: Attach, beating: Beating, report: Report, news_cursor: int) -> None:
        from zhishiyun_client.net.client import ExamClient
        from zhishiyun_client.net.evidence_api import EvidenceClient
        from zhishiyun_client.net.wire import Wire

        self.attach = attach
        self._beating = beating
        self._report = report
        extra_ca = Path(attach.trusted_ca) if attach.trusted_ca else None
        self._wire = Wire(attach.server_url, extra_ca)
        self._exam = ExamClient(self._wire, attach.session)
        self._evidence = EvidenceClient(self._wire, attach.session)
        self._pump: Uploader | None = None
        self._channel = self._new_channel(news_cursor)

    def renew(self, attach: Attach) -> None:
        """The same server, a new session."""
        self.attach = attach
        self._exam.use_session(attach.session)
        self._evidence.use_session(attach.session)
        cursor = self._channel.cursor
        self._channel.stop(CHANNEL_STOPS_WITHIN_S)
        self._channel = self._new_channel(cursor)
        if self._pump is not None:
            self._pump.retry_now()

    def upload(self, log: DurableLog, server_key: str, seal: Seal | None) -> None:
        """Bring this log to the server; with a seal it is complete."""
        if self._pump is None:
            self._pump = Uploader(
                log, self._evidence, self._report, server_key=from_text(server_key)
            )
            self._pump.start()
        if seal is not None:
            self._pump.finish(seal)

    def retry(self) -> None:
        """Try again at once."""
        if self._pump is not None:
            self._pump.look_again()

    def beat_now(self) -> None:
        """Something changed that the server should know soon."""
        self._channel.beat_now()

    def replace(self, worker: str) -> bool:
        """A worker of this line crashed: make it anew where it can be; False: not one of ours."""
        if worker == "channel":
            self._channel = self._new_channel(self._channel.cursor)
            return True
        return False

    def drop_pump(self) -> None:
        """The uploader crashed: the next `upload` makes another, which asks what is held."""
        if self._pump is not None:
            self._pump.stop(PUMP_STOPS_WITHIN_S)
            self._pump = None

    def close(self) -> None:
        """Hang up. What is not sent stays on disk and is sent at the next start."""
        self._channel.ask_to_stop()
        if self._pump is not None:
            self._pump.ask_to_stop()
            self._pump.stop(PUMP_STOPS_WITHIN_S)
        self._channel.stop(CHANNEL_STOPS_WITHIN_S)
        self._wire.close()

    def _new_channel(self, cursor: int) -> Channel:
        from zhishiyun_client.net.channel import Channel

        channel = Channel(self._exam, self._open_socket, self._beating, self._report, after=cursor)
        channel.start()
        return channel

    def _open_socket(self) -> LiveSocket:
        from zhishiyun_client.net.live_socket import LiveSocket

        return LiveSocket.open(self._wire.server_url, self.attach.session, self._wire.context)
