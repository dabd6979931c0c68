"""Recorded streams into MP4 without encoding anew; gaps stay gaps. Needs PyAV: only for export."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.container
import av.stream

from zhishiyun_protocol.errors import Broken
from zhishiyun_server.evidence.unsealing import Stretch

# The recorder writes PTS relative to the attempt's timeline; anything closer than this is the
# codec's own delay (Opus 6.5 ms, one picture 67 ms), anything farther another origin.
SAME_ORIGIN_US = 100_000


@dataclass(frozen=True, slots=True)
class Written:
    """One MP4 file: what it holds, on the attempt's timeline. Sound has no size."""

    name: str
    track: str
    runs: tuple[int, ...]
    codec: str
    packets: int
    starts_us: int
    ends_us: int
    width_px: int = 0
    height_px: int = 0


def remux_track(stretches: list[Stretch], folder: Path) -> list[Written]:
    """Write one track; a second file begins only where picture size or codec changed.

    Each file keeps its place on the timeline, so all files of an attempt can be laid side by side.

    Raises:
        Broken: EXPORT_STREAM_UNREADABLE naming track and run.
    """
    written: list[Written] = []
    writer: _Writer | None = None
    for stretch in stretches:
        try:
            with av.open(str(stretch.path), "r", format=stretch.container) as source:
                stream = source.streams[0]
                if writer is None or not writer.suits(stream):
                    if writer is not None:
                        written.append(writer.close())
                    writer = _Writer(folder, stretch, stream, len(written))
                writer.copy(source, stream, stretch)
        except (av.FFmpegError, IndexError) as error:
            raise Broken(
                "EXPORT_STREAM_UNREADABLE",
                f"Track {stretch.track.name.lower()} of run {stretch.run} is no readable stream.",
                f"第 {stretch.run} 次录制的 {stretch.track.name.lower()} 轨道无法读取。",
            ) from error
    if writer is not None:
        written.append(writer.close())
    return written


class _Writer:
    """One MP4 file that grows run by run."""

    def __init__(self, folder: Path, stretch: Stretch, stream: av.stream.Stream, part: int) -> None:
        track = stretch.track.name.lower()
        self._name = f"{track}.mp4" if part == 0 else f"{track}-{part + 1}.mp4"
        self._track = track
        self._codec = stream.codec_context.codec.canonical_name
        self._shape = _shape(stream)
        context = stream.codec_context
        self._size = getattr(context, "width", 0), getattr(context, "height", 0)
        self._out = av.open(str(folder / self._name), "w", options={"movflags": "+faststart"})
        self._stream = self._out.add_stream_from_template(stream, opaque=True)
        self._runs: list[int] = []
        self._packets = 0
        self._last_dts: int | None = None
        self._starts_us = stretch.starts_us
        self._ends_us = stretch.ends_us

    def suits(self, stream: av.stream.Stream) -> bool:
        """Whether a stream can go on in this file."""
        return _shape(stream) == self._shape

    def copy(
        self, source: av.container.InputContainer, stream: av.stream.Stream, stretch: Stretch
    ) -> None:
        """Append one run's packets at their place."""
        shift: int | None = None
        if stretch.run not in self._runs:
            self._runs.append(stretch.run)
        for packet, pts, dts in _timed(source, stream):
            base = packet.time_base
            if shift is None:
                shift = _shift(pts, base, stretch.starts_us)
            earliest = dts + shift if self._last_dts is None else self._last_dts + 1
            self._last_dts = packet.dts = max(dts + shift, earliest)
            packet.pts = max(pts + shift, packet.dts)
            packet.stream = self._stream
            packet.time_base = base
            self._out.mux(packet)
            self._packets += 1
        self._ends_us = max(self._ends_us, stretch.ends_us)

    def close(self) -> Written:
        """Finish the file."""
        self._out.close()
        return Written(
            name=self._name,
            track=self._track,
            runs=tuple(self._runs),
            codec=self._codec,
            packets=self._packets,
            starts_us=self._starts_us,
            ends_us=self._ends_us,
            width_px=self._size[0],
            height_px=self._size[1],
        )


def _timed(
    source: av.container.InputContainer, stream: av.stream.Stream
) -> Iterator[tuple[av.Packet[Any], int, int]]:
    """Packets that carry a time, with pts and dts; the demuxer's last, empty one does not."""
    for packet in source.demux(stream):
        if packet.dts is not None and packet.pts is not None and packet.size:
            yield packet, packet.pts, packet.dts


def _shift(first_pts: int, base: Fraction, starts_us: int) -> int:
    """Ticks by which a stream's times must move to lie on the attempt's timeline."""
    away_us = starts_us - round(first_pts * base * 1_000_000)
    return 0 if abs(away_us) <= SAME_ORIGIN_US else round(Fraction(away_us, 1_000_000) / base)


def _shape(stream: av.stream.Stream) -> tuple[object, ...]:
    context = stream.codec_context
    names = ("width", "height", "sample_rate", "channels", "extradata")
    return (context.codec.canonical_name, *(getattr(context, name, None) for name in names))
