"""Recordings made by the tests: devices for this process, and what a log holds when decoded."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import TracebackType

import av
import msgspec

from zhishiyun_protocol.evidence.chain import ChainFollower
from zhishiyun_protocol.evidence.contents import Gap, Quality, Stream
from zhishiyun_protocol.evidence.layout import Kind, Track
from zhishiyun_protocol.evidence.sealing import Sealer


def wait_until(what: str, holds: Callable[[], bool], within_s: float = 15.0) -> None:
    """Look until it holds; fail with what was waited for."""
    deadline_s = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline_s, f"not within {within_s} s: {what}"
        time.sleep(0.02)


@contextmanager
def environment(monkeypatch: object, *things: object) -> Iterator[None]:
    """Let this process find the given stand-ins."""
    for thing in things:
        for name, value in thing.environment.items():  # type: ignore[attr-defined]
            monkeypatch.setenv(name, value)  # type: ignore[attr-defined]
    yield


@dataclass(frozen=True)
class Played:
    """One track of one run as a player sees it; seconds are of the attempt's timeline."""

    frames: int
    first_s: float
    last_s: float
    longest_step_s: float
    shortest_step_s: float


@dataclass(frozen=True)
class Content:
    """What a log holds: streams by (run, track) with what they say of themselves, gaps, quality."""

    streams: dict[tuple[int, Track], list[tuple[Stream, bytearray]]]
    gaps: tuple[Gap, ...]
    qualities: tuple[Quality, ...] = ()

    def played(self, track: Track, run: int = 1) -> Played:
        """Decode a track completely, all its streams; every error fails."""
        times: list[float] = []
        for stream, data in self.streams[run, track]:
            if data:
                times += times_of(bytes(data), stream.container)
        return _as_played(times)


def content(log: Path, key: bytes) -> Content:
    """Open every packet of a log with its key."""
    sealer = Sealer(key)
    streams: dict[tuple[int, Track], list[tuple[Stream, bytearray]]] = {}
    gaps: list[Gap] = []
    qualities: list[Quality] = []
    for record in ChainFollower().feed(log.read_bytes()):
        header = record.header
        if header.kind == Kind.PACKET:
            data = streams[header.run, Track(header.track)][-1][1]
            data += sealer.open(record)
        elif header.kind == Kind.STREAM:
            stream = msgspec.json.decode(record.payload, type=Stream)
            place = (header.run, Track(header.track))
            streams.setdefault(place, []).append((stream, bytearray()))
        elif header.kind == Kind.QUALITY:
            qualities.append(msgspec.json.decode(record.payload, type=Quality))
        elif header.kind == Kind.GAP:
            gaps.append(msgspec.json.decode(record.payload, type=Gap))
    return Content(streams, tuple(gaps), tuple(qualities))


def played(stream: bytes, container: str = "mpegts") -> Played:
    """Decode a stream completely."""
    return _as_played(times_of(stream, container))


def times_of(stream: bytes, container: str) -> list[float]:
    """When each frame is shown, s of the timeline; an error of the decoder is raised."""
    with av.open(io.BytesIO(stream), format=container) as opened:
        frames = opened.decode(opened.streams[0])
        return [float(frame.time) for frame in frames if frame.time is not None]


def _as_played(times: list[float]) -> Played:
    steps = [after - before for before, after in pairwise(times)]
    return Played(len(times), times[0], times[-1], max(steps, default=0.0), min(steps, default=1.0))


class Stopwatch:
    """Processor time of a process between entering and leaving."""

    def __enter__(self) -> Stopwatch:
        self._began = time.process_time()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.cpu_s = time.process_time() - self._began
