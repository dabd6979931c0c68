"""The end of a log after a crash: where its last whole record ends and what the tracks reached."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from zhishiyun_protocol.errors import Refused
from zhishiyun_protocol.evidence.contents import Gap, Run
from zhishiyun_protocol.evidence.layout import (
    MARKER,
    Kind,
    LogHeader,
    Record,
    decode_header,
    decode_record,
)

TAIL_BYTES = 64 * 1024 * 1024
"""How far back the tail is followed. At 8 Mbit/s that is a minute; what is older was fsynced long
ago (`evidence.sync` does so every second), so no power cut can have torn it."""
_HEAD_BYTES = 72 * 1024
_MARKER = MARKER.to_bytes(4, "big")


@dataclass(slots=True)
class Tail:
    """What recovery needs to know.

    length:     bytes up to the end of the last whole record
    torn_bytes: what lies behind it and has to go
    digest:     of the last whole record, or of the header while there is none
    monotonic_us, server_us, error_us: of the last record; 0 while there is none
    placed_us:  per track, how far on the timeline packets and gaps account for it
    """

    header: LogHeader
    length: int
    torn_bytes: int = 0
    records: int = 0
    last_run: int = 0
    digest: bytes = b""
    monotonic_us: int = 0
    server_us: int = 0
    error_us: int = 0
    ended: bool = False
    run: Run | None = None
    placed_us: dict[int, int] = field(default_factory=dict)

    def take(self, record: Record) -> None:
        """One more whole record follows."""
        header = record.header
        self.length, self.digest = record.end, record.digest
        self.records, self.last_run = header.sequence + 1, header.run
        self.monotonic_us = max(self.monotonic_us, header.monotonic_us)
        self.server_us, self.error_us = header.server_us, header.error_us
        if header.kind == Kind.RUN:
            self.run = msgspec.json.decode(record.payload, type=Run)
            self.monotonic_us = header.monotonic_us
        elif header.kind == Kind.GAP:
            gap = msgspec.json.decode(record.payload, type=Gap)
            for track in gap.tracks:
                self.placed_us[track] = max(self.placed_us.get(track, 0), gap.to_us)
        elif header.kind == Kind.PACKET:
            self._place(record)
        elif header.kind == Kind.END:
            self.ended = True

    def _place(self, record: Record) -> None:
        if self.run is None:  # its RUN lies before the tail: the run file knows it
            return
        header = record.header
        place_us = self.run.timeline_us + header.monotonic_us - self.run.monotonic_us
        track = header.track
        self.placed_us[track] = max(self.placed_us.get(track, 0), place_us)


def read_tail(log: Path, run: Run | None) -> Tail | None:
    """Follow the end of a log; None when not even its header is whole (nothing was recorded).

    Args:
        log: the file.
        run: the newest run as the run file tells it, for a RUN record older than the tail.

    Raises:
        Refused: LOG_FOREIGN: the file is no evidence log.
    """
    with log.open("rb") as file:
        found = decode_header(file.read(_HEAD_BYTES))
        if found is None:
            return None
        header, start = found
        size = file.seek(0, 2)
        begin = max(start, size - TAIL_BYTES)
        file.seek(begin)
        data = file.read()
    at = 0 if begin == start else _first_record(data, begin)
    tail = Tail(header=header, length=begin + at, run=run)
    if begin == start:
        tail.digest = _header_digest(log, start)
    _follow(data, at, begin, tail)
    tail.torn_bytes = size - tail.length
    return tail


def _follow(data: bytes, at: int, begin: int, tail: Tail) -> None:
    """Take whole records that follow one another; stop at the first that is not."""
    previous: bytes | None = tail.digest or None
    view = memoryview(data)
    while True:
        try:
            record = decode_record(view, at, begin + at)
        except Refused:
            return
        if record is None or previous not in (None, record.header.previous):
            return
        tail.take(record)
        previous = record.digest
        at = record.end - begin


def _first_record(data: bytes, begin: int) -> int:
    """Where the first whole record of a piece of a log starts.

    Raises:
        Refused: LOG_DAMAGED: there is none in the whole tail.
    """
    at = data.find(_MARKER)
    while at >= 0:
        try:
            found = decode_record(data, at, begin + at)
        except Refused:
            found = None  # the marker's four bytes inside a payload
        if found is not None:
            return at
        at = data.find(_MARKER, at + 1)
    raise Refused(
        "LOG_DAMAGED",
        f"No whole record in the last {len(data)} bytes of the log.",
        "录制证据文件的尾部无法读取。",
        offset=begin,
    )


def _header_digest(log: Path, length: int) -> bytes:
    with log.open("rb") as file:
        return hashlib.sha256(file.read(length)).digest()
