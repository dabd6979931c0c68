"""`zhishiyun verify` against `sha256sum` on the same log: seconds from start to answer.

The log is as an exam of twenty minutes leaves it: picture at 15 and 5 packets a second, sound at
50, a checkpoint every five seconds; its payloads are random bytes.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import BinaryIO

import msgspec

from benchmarks.outcome import report
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
from zhishiyun_protocol.evidence.verify import HEAD_PURPOSE, head_statement
from zhishiyun_protocol.signing import SigningKey, to_text

EXAM_S = 20 * 60
ROUNDS = 5
CHECKPOINT_EVERY_S = 5
# packets a second, bytes a packet: about 480, 320 and 48 kbit/s
RATES = {Track.CAMERA: (15, 4_000), Track.SCREEN: (5, 8_000), Track.MICROPHONE: (50, 120)}


def main() -> int:
    """Write a log, then measure both sides in turn."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "bench.zlog"
        with log.open("wb") as file:
            _Writer(file).write_exam()
        print(f"log: {log.stat().st_size / 1e6:.0f} MB")
        verify = [sys.executable, "-m", "zhishiyun_client", "verify", str(log), "--json"]
        ours, anchor = [], []
        for _ in range(ROUNDS):
            ours.append(_seconds(verify))
            anchor.append(_seconds(["sha256sum", str(log)]))
    report("verify", ours, anchor, "s")
    return 0


def _seconds(command: list[str]) -> float:
    began_s = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began_s


class _Writer:
    """Writes a whole, signed log; a plain loop, none of the recorder's machinery."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._key = SigningKey.generate()
        self._sequence = 0
        self._now_us = 0
        first = encode_header(self._log_header())
        self._file.write(first)
        self._digest = hashlib.sha256(first).digest()
        self._length = len(first)

    def write_exam(self) -> None:
        """Write the records of one exam."""
        run = Run(
            run=1, cause=Cause.START, boot_id="bench", monotonic_us=0, timeline_us=0,
            client_version="bench",
        )  # fmt: skip
        self._add(Kind.RUN, msgspec.json.encode(run))
        in_a_second = sorted(
            (index * 1_000_000 // packets, track)
            for track, (packets, _) in RATES.items()
            for index in range(packets)
        )
        for second in range(EXAM_S):
            for after_us, track in in_a_second:
                packets, size_bytes = RATES[track]
                self._now_us = second * 1_000_000 + after_us
                self._add(Kind.PACKET, os.urandom(size_bytes), track, 1_000_000 // packets)
            if second % CHECKPOINT_EVERY_S == 0:
                self._checkpoint()
        self._add(Kind.END, msgspec.json.encode(End(why="time_up", counts=())))
        self._checkpoint()

    def _checkpoint(self) -> None:
        head = Head(self._sequence, self._length, self._digest, 1)
        signature = self._key.sign(HEAD_PURPOSE, head_statement("bench", head))
        checkpoint = Checkpoint(
            records=head.records,
            length=head.length,
            head=head.digest.hex(),
            signature=to_text(signature),
        )
        self._add(Kind.CHECKPOINT, msgspec.json.encode(checkpoint))

    def _add(
        self, kind: Kind, payload: bytes, track: Track = Track.NONE, duration_us: int = 0
    ) -> None:
        header = RecordHeader(
            sequence=self._sequence, run=1, kind=kind, track=track, flags=0,
            monotonic_us=self._now_us, server_us=self._now_us, error_us=0,
            duration_us=duration_us, payload_bytes=len(payload), previous=self._digest,
        )  # fmt: skip
        encoded, self._digest = encode_record(header, payload)
        self._file.write(encoded)
        self._sequence += 1
        self._length += len(encoded)

    def _log_header(self) -> LogHeader:
        return LogHeader(
            attempt_id="bench", exam_id="bench", plan_sha256="0" * 64,
            device_key=to_text(self._key.public_bytes()), server_key=to_text(bytes(32)),
            key_check="0" * 16, created_us=0, formal=False,
        )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
