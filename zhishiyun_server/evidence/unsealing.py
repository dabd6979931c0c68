"""Opens a recording: payloads of each stream into files, everything else into a timeline."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from zhishiyun_protocol.evidence.contents import Run
from zhishiyun_protocol.evidence.layout import UNKNOWN_ERROR_US, Kind, Record, Track
from zhishiyun_protocol.evidence.sealing import Sealer
from zhishiyun_protocol.evidence.verify import Verifier
from zhishiyun_server.evidence.alignment import ClockPoints

PIECE_BYTES = 1024 * 1024
MPEGTS = "mpegts"
STREAMED = {Track.CAMERA, Track.MICROPHONE, Track.SCREEN, Track.PHONE}
TOLD = {Kind.MARK: "marks", Kind.FINDING: "findings", Kind.CHAT: "chat", Kind.DEVICE: "devices"}


@dataclass(slots=True)
class Stretch:
    """One stream of a track: what lies between two STREAM records, whole, in a file.

    container: what it is laid in, as the STREAM record says: "mpegts", "ivf", "webm" or "mp4"
    part:      counts the streams of this track in this run; the ladder of quality begins new ones
    starts_us: where its first packet lies on the recording's timeline
    server_us, error_us: the exam's clock at that packet, as its record knew it
    """

    track: Track
    run: int
    part: int
    container: str
    path: Path
    starts_us: int
    server_us: int = 0
    error_us: int = UNKNOWN_ERROR_US
    ends_us: int = 0


@dataclass(slots=True)
class Opened:
    """What a recording holds, ready to be remuxed."""

    verifier: Verifier
    stretches: list[Stretch] = field(default_factory=list)
    runs: list[dict[str, Any]] = field(default_factory=list)
    told: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {name: [] for name in TOLD.values()}
    )
    clock: ClockPoints = field(default_factory=ClockPoints)


class Unsealer:
    """Reads pieces of a log and writes the payloads. Memory does not grow with the recording."""

    def __init__(self, key: bytes, folder: Path) -> None:
        self._sealer = Sealer(key)
        self._folder = folder
        self._run: Run | None = None
        self._files: dict[int, BinaryIO] = {}  # by track, of the stream that is being written
        self._stretches: list[Stretch] = []
        self._current: dict[int, Stretch] = {}
        self._containers: dict[int, str] = {}
        self.opened = Opened(Verifier())

    def read(self, files: Iterable[BinaryIO]) -> Opened:
        """Read the chunks in order, and close each.

        Raises:
            Refused: LOG_WRONG_KEY: this key does not open it.
        """
        try:
            for opened in files:
                with opened as file:
                    while piece := file.read(PIECE_BYTES):
                        for record in self.opened.verifier.records(piece):
                            self._take(record)
        finally:
            for out in self._files.values():
                out.close()
        self.opened.stretches = sorted(self._stretches, key=lambda s: (s.track, s.run, s.part))
        return self.opened

    def _take(self, record: Record) -> None:
        kind = record.header.kind
        if kind == Kind.RUN:
            self._run = msgspec.json.decode(record.payload, type=Run)
            self._note_time(record)
            self.opened.runs.append(json.loads(record.payload))
            self._end_streams(Track)
            self._containers.clear()
        elif kind == Kind.STREAM:
            self._end_streams((Track(record.header.track),))
            self._containers[record.header.track] = json.loads(record.payload)["container"]
        elif kind == Kind.PACKET:
            self._write(record)
        elif kind in TOLD:
            self._note_time(record)
            self.opened.told[TOLD[Kind(kind)]].append(
                {
                    "timeline_us": self._place_us(record),
                    "server_us": record.header.server_us,
                    "error_us": record.header.error_us,
                    **json.loads(self._sealer.open(record)),
                }
            )

    def _write(self, record: Record) -> None:
        header = record.header
        if header.track not in STREAMED:
            return
        stretch = self._current.get(header.track) or self._begin_stretch(record)
        self._files[header.track].write(self._sealer.open(record))
        stretch.ends_us = max(stretch.ends_us, self._place_us(record) + header.duration_us)

    def _begin_stretch(self, record: Record) -> Stretch:
        track, run = Track(record.header.track), record.header.run
        part = sum(1 for known in self._stretches if (known.track, known.run) == (track, run))
        container = self._containers.get(track, MPEGTS)
        path = self._folder / f"{track.name.lower()}-{run}-{part}.{container}"
        stretch = Stretch(
            track,
            run,
            part,
            container,
            path,
            self._place_us(record),
            record.header.server_us,
            record.header.error_us,
        )
        self._stretches.append(stretch)
        self._current[track] = stretch
        self._files[track] = path.open("wb")
        return stretch

    def _end_streams(self, tracks: Iterable[Track]) -> None:
        """What follows of these tracks belongs to other streams."""
        for track in tracks:
            self._current.pop(track, None)
            out = self._files.pop(track, None)
            if out is not None:
                out.close()

    def _place_us(self, record: Record) -> int:
        if self._run is None:
            return 0
        return self._run.timeline_us + record.header.monotonic_us - self._run.monotonic_us

    def _note_time(self, record: Record) -> None:
        self.opened.clock.note(record.header, self._place_us(record))
