"""A small evidence log that grows like a recorder's: chained, sealed, signed to its end."""

from __future__ import annotations

import hashlib
import os

from zhishiyun_protocol.evidence.contents import Cause, Checkpoint, End, HeadStatement, Run
from zhishiyun_protocol.evidence.layout import (
    Flag,
    Kind,
    LogHeader,
    RecordHeader,
    Track,
    encode_header,
    encode_record,
)
from zhishiyun_protocol.evidence.sealing import TAG_BYTES, Sealer, key_check
from zhishiyun_protocol.evidence.verify import HEAD_PURPOSE
from zhishiyun_protocol.messages.evidence import Seal
from zhishiyun_protocol.messages.live import ChainHead
from zhishiyun_protocol.signing import SigningKey, canonical_json, from_text, to_text

RUN = 1
PACKET_BYTES = 16 * 1024
PACKET_US = 500_000


class Recording:
    """Grows on demand; hands out what is new."""

    def __init__(
        self,
        header: LogHeader,
        device: SigningKey,
        key: bytes,
        packet_bytes: int = PACKET_BYTES,
    ) -> None:
        self._header = header
        self._device = device
        self._sealer = Sealer(key)
        self._noise = os.urandom(packet_bytes)
        self._fresh = bytearray(encode_header(header))
        self._length = len(self._fresh)
        self._records = 0
        self._digest = hashlib.sha256(self._fresh).digest()
        self._whole = hashlib.sha256(self._fresh)
        run = Run(
            run=RUN,
            cause=Cause.START,
            boot_id="load",
            monotonic_us=0,
            timeline_us=0,
            client_version="0.1.0",
        )
        self._add(Kind.RUN, canonical_json(run), 0)

    @property
    def sha256(self) -> str:
        """Of everything so far, hex."""
        return self._whole.hexdigest()

    def grow(self, about_bytes: int, at_us: int) -> tuple[int, bytes]:
        """(first byte, bytes) of what is new, at least so long, ending in a signed head."""
        while len(self._fresh) < about_bytes:
            self._add(Kind.PACKET, self._noise, at_us, Track.CAMERA)
        self._checkpoint(at_us)
        return self._take()

    def end(self, at_us: int) -> tuple[int, bytes]:
        """(first byte, bytes) of the log's end."""
        self._add(Kind.END, canonical_json(End(why="candidate", counts=())), at_us)
        self._checkpoint(at_us)
        return self._take()

    def head(self) -> ChainHead:
        """The commitment that a heartbeat carries."""
        statement = HeadStatement(
            attempt=self._header.attempt_id,
            head=self._digest.hex(),
            length=self._length,
            records=self._records,
        )
        signature = self._device.sign(HEAD_PURPOSE, canonical_json(statement))
        return ChainHead(
            records=self._records,
            length=self._length,
            head=self._digest.hex(),
            signature=to_text(signature),
        )

    def seal(self) -> Seal:
        """What is sealed at the end."""
        return Seal(
            length=self._length, records=self._records, head=self._digest.hex(), last_run=RUN
        )

    def _checkpoint(self, at_us: int) -> None:
        head = self.head()
        checkpoint = Checkpoint(
            records=head.records, length=head.length, head=head.head, signature=head.signature
        )
        self._add(Kind.CHECKPOINT, canonical_json(checkpoint), at_us)

    def _take(self) -> tuple[int, bytes]:
        data = bytes(self._fresh)
        self._fresh.clear()
        return self._length - len(data), data

    def _add(self, kind: Kind, payload: bytes, at_us: int, track: Track = Track.NONE) -> None:
        header = RecordHeader(
            sequence=self._records,
            run=RUN,
            kind=kind,
            track=track,
            flags=Flag.NONE,
            monotonic_us=at_us,
            server_us=self._header.created_us + at_us,
            error_us=1000,
            duration_us=PACKET_US if kind is Kind.PACKET else 0,
            payload_bytes=len(payload) + (TAG_BYTES if kind.is_sealed else 0),
            previous=self._digest,
        )
        if kind.is_sealed:
            payload = self._sealer.seal(header, payload)
        encoded, self._digest = encode_record(header, payload)
        self._fresh += encoded
        self._whole.update(encoded)
        self._length += len(encoded)
        self._records += 1


def header_of(
    *, attempt_id: str, exam_id: str, plan_sha256: str, device: SigningKey, server_key: str,
    evidence_key: str, created_us: int,
) -> LogHeader:  # fmt: skip
    """The header that the server expects of this attempt."""
    return LogHeader(
        attempt_id=attempt_id,
        exam_id=exam_id,
        plan_sha256=plan_sha256,
        device_key=to_text(device.public_bytes()),
        server_key=server_key,
        key_check=key_check(from_text(evidence_key)),
        created_us=created_us,
        formal=True,
    )
