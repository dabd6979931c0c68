"""Evidence logs for tests of upload, export and server: real headers, records and signatures."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import msgspec

from zhishiyun_client.evidence.boundaries import Boundaries
from zhishiyun_protocol.evidence.chain import Head
from zhishiyun_protocol.evidence.contents import Cause, Checkpoint, End, Run
from zhishiyun_protocol.evidence.layout import (
    Kind,
    LogHeader,
    RecordHeader,
    Track,
    encode_header,
    encode_record,
)
from zhishiyun_protocol.evidence.verify import head_statement
from zhishiyun_protocol.messages.evidence import Seal
from zhishiyun_protocol.signing import SigningKey, to_text

STEP_US = 40_000


class LogMaker:
    """Writes a log record by record, and is a `DurableLog` while it grows.

    Payloads are random bytes from a fixed seed: nothing compresses, every run is the same.
    """

    def __init__(
        self,
        folder: Path,
        attempt_id: str = "attempt-1",
        *,
        exam_id: str = "exam-1",
        plan_sha256: str = "0" * 64,
        device: SigningKey | None = None,
        server_key: bytes = b"\0" * 32,
        created_us: int = 1_700_000_000_000_000,
    ) -> None:
        self.path = folder / f"{attempt_id}.zlog"
        self.attempt_id = attempt_id
        self.device = device or SigningKey.generate()
        self._random = random.Random(7)
        self._records = 0
        self._us = 0
        header = encode_header(
            LogHeader(
                attempt_id=attempt_id,
                exam_id=exam_id,
                plan_sha256=plan_sha256,
                device_key=to_text(self.device.public_bytes()),
                server_key=to_text(server_key),
                key_check="0" * 16,
                created_us=created_us,
                formal=True,
            )
        )
        self._created_us = created_us
        self._digest = hashlib.sha256(header).digest()
        self._length = len(header)
        self._file = self.path.open("wb", buffering=0)
        self._file.write(header)
        self._boundaries = Boundaries(self.path)
        run = Run(
            run=1, cause=Cause.START, boot_id="b", monotonic_us=0, timeline_us=0, client_version="t"
        )
        self._append(Kind.RUN, msgspec.json.encode(run))

    def packets(self, count: int, payload_bytes: int) -> LogMaker:
        """Append media packets of all three tracks in turn."""
        tracks = (Track.CAMERA, Track.MICROPHONE, Track.SCREEN)
        for _ in range(count):
            track = tracks[self._records % 3]
            self._append(Kind.PACKET, self._random.randbytes(payload_bytes), track)
        return self

    def end(self) -> Seal:
        """END, a signature, and the seal over both."""
        self._append(Kind.END, msgspec.json.encode(End(why="candidate", counts=())))
        head = Head(self._records, self._length, self._digest, 1)
        said = Checkpoint(
            records=self._records,
            length=self._length,
            head=self._digest.hex(),
            signature=to_text(self.device.sign("head", head_statement(self.attempt_id, head))),
        )
        self._append(Kind.CHECKPOINT, msgspec.json.encode(said))
        return self.seal()

    def seal(self) -> Seal:
        """What the log is now."""
        return Seal(length=self._length, records=self._records, head=self._digest.hex(), last_run=1)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def durable_bytes(self) -> int:
        return self._length

    def boundary_at_or_before(self, offset: int) -> int:
        return self._boundaries.at_or_before(offset, self._length)

    def _append(self, kind: Kind, payload: bytes, track: Track = Track.NONE) -> None:
        is_packet = kind is Kind.PACKET
        header = RecordHeader(
            sequence=self._records,
            run=1,
            kind=kind,
            track=track,
            flags=0,
            monotonic_us=self._us,
            server_us=self._created_us + self._us,
            error_us=1000,
            duration_us=STEP_US * 3 if is_packet else 0,
            payload_bytes=len(payload),
            previous=self._digest,
        )
        data, self._digest = encode_record(header, payload)
        self._file.write(data)
        self._length += len(data)
        self._records += 1
        self._us += STEP_US if is_packet else 0
