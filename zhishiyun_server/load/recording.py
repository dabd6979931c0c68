"""A small evidence log that grows like a recorder's: chained, sealed, signed to its end."""

from __future__ import annotations

import os

from zhishiyun_protocol.evidence.contents import Cause, Run
from zhishiyun_protocol.evidence.layout import Kind, LogHeader, Source, Track
from zhishiyun_protocol.evidence.scribe import Scribe
from zhishiyun_protocol.evidence.sealing import key_check
from zhishiyun_protocol.messages.evidence import Seal
from zhishiyun_protocol.messages.live import ChainHead
from zhishiyun_protocol.signing import SigningKey, from_text, to_text

RUN = 1
PACKET_BYTES = 16 * 1024
PACKET_US = 500_000
ERROR_US = 1000


class Recording:
    """Grows on demand; hands out what is new."""

    def __init__(
        self,
        header: LogHeader,
        device: SigningKey,
        key: bytes,
        packet_bytes: int = PACKET_BYTES,
        track: Track = Track.CAMERA,
    ) -> None:
        self._scribe = Scribe(header, device, key)
        self._scribe.know_time(header.created_us, ERROR_US)
        self._noise = os.urandom(packet_bytes)
        self._track = track
        run = Run(
            run=RUN,
            cause=Cause.START,
            boot_id="load",
            monotonic_us=0,
            timeline_us=0,
            client_version="0.1.0",
        )
        self._scribe.begin_run(run, 0)

    @property
    def sha256(self) -> str:
        """Of everything so far, hex."""
        return self._scribe.sha256

    def grow(self, about_bytes: int, at_us: int) -> tuple[int, bytes]:
        """(first byte, bytes) of what is new, at least so long, ending in a signed head."""
        while self._scribe.fresh_bytes < about_bytes:
            self._scribe.add(Kind.PACKET, self._noise, at_us, self._track, PACKET_US)
        self._scribe.checkpoint(at_us)
        return self._scribe.take()

    def end(self, at_us: int) -> tuple[int, bytes]:
        """(first byte, bytes) of the log's end."""
        self._scribe.end("candidate", at_us)
        return self._scribe.take()

    def head(self) -> ChainHead:
        """The commitment that a heartbeat carries."""
        return self._scribe.head()

    def seal(self) -> Seal:
        """What is sealed at the end."""
        return self._scribe.seal()


def header_of(
    *, attempt_id: str, exam_id: str, plan_sha256: str, device: SigningKey, server_key: str,
    evidence_key: str, created_us: int, source: Source = Source.COMPUTER,
) -> LogHeader:  # fmt: skip
    """The header that the server expects of this recording."""
    return LogHeader(
        attempt_id=attempt_id,
        exam_id=exam_id,
        plan_sha256=plan_sha256,
        device_key=to_text(device.public_bytes()),
        server_key=server_key,
        key_check=key_check(from_text(evidence_key)),
        created_us=created_us,
        formal=True,
        source=source,
    )
