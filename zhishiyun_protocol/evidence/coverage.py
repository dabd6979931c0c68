"""Per-second coverage of each track, from record headers alone: no key is needed (R191)."""

from __future__ import annotations

from collections.abc import Iterator

from zhishiyun_protocol.evidence.contents import Run
from zhishiyun_protocol.evidence.layout import RecordHeader, Source, Track
from zhishiyun_protocol.messages.evidence import TrackCoverage

SECOND_US = 1_000_000
ENOUGH_US = SECOND_US // 2  # a second counts when half of it is there
TRACKS = (Track.CAMERA, Track.MICROPHONE, Track.SCREEN)  # of the computer
TRACKS_OF: dict[Source, tuple[Track, ...]] = {
    Source.COMPUTER: TRACKS,
    Source.PHONE: (Track.PHONE,),
}


class Coverage:
    """Adds up packets. Memory grows with what is missing, whatever times a log claims."""

    def __init__(self, source: Source = Source.COMPUTER) -> None:
        self._run: Run | None = None
        self._tracks: dict[int, _Seconds] = {track: _Seconds() for track in TRACKS_OF[source]}
        self._packets: dict[int, int] = dict.fromkeys(TRACKS_OF[source], 0)
        self.end_us = 0

    def begin_run(self, run: Run) -> None:
        """Packets from here on belong to `run`."""
        self._run = run

    def place_us(self, header: RecordHeader) -> int:
        """Where on the attempt's timeline a record of the current run lies."""
        if self._run is None:
            return 0
        return self._run.timeline_us + header.monotonic_us - self._run.monotonic_us

    def add(self, header: RecordHeader) -> None:
        """Count one PACKET; overlapping packets of a track are counted once."""
        track = header.track
        if track not in self._packets:
            return
        self._packets[track] += 1
        start_us = max(self.place_us(header), 0)
        self.end_us = max(self.end_us, start_us)
        self._tracks[track].cover(start_us, start_us + header.duration_us)

    def tracks(self) -> tuple[TrackCoverage, ...]:
        """The result, up to the last packet of any track."""
        total = -(-self.end_us // SECOND_US)
        return tuple(self._track(Track(track), total) for track in self._tracks)

    def _track(self, track: Track, total: int) -> TrackCoverage:
        seconds = self._tracks[track]
        last_us = self.end_us - (total - 1) * SECOND_US if total else 0
        missing = tuple(seconds.missing(total, min(ENOUGH_US, last_us // 2)))
        return TrackCoverage(
            track=track.name.lower(),
            seconds=total,
            covered=total - sum(end - first for first, end in missing),
            packets=self._packets[track],
            missing=missing,
        )


class _Seconds:
    """One track's seconds: runs of those that count, and how much there is of the others."""

    def __init__(self) -> None:
        self._runs: list[list[int]] = []  # [first, end) of seconds that count, sorted
        self._parts: dict[int, int] = {}  # second → µs covered, where that is not enough yet
        self._reach_us = 0

    def cover(self, start_us: int, end_us: int) -> None:
        """Something is there from `start_us` to `end_us`; what was covered before counts once."""
        start_us = max(start_us, self._reach_us)
        if start_us >= end_us:
            return
        self._reach_us = end_us
        first, last = start_us // SECOND_US, (end_us - 1) // SECOND_US
        if first == last:
            self._part(first, end_us - start_us)
            return
        self._part(first, (first + 1) * SECOND_US - start_us)
        if last > first + 1:
            self._count(first + 1, last)
        self._part(last, end_us - last * SECOND_US)

    def missing(self, total: int, enough_at_the_end_us: int) -> Iterator[tuple[int, int]]:
        """Runs of seconds below `total` that do not count; the last one needs less."""
        at = 0
        for first, end in self._runs:
            if first >= total:
                break
            if at < first:
                yield from self._hole(at, first, total, enough_at_the_end_us)
            at = end
        if at < total:
            yield from self._hole(at, total, total, enough_at_the_end_us)

    def _hole(self, first: int, end: int, total: int, enough_us: int) -> Iterator[tuple[int, int]]:
        if end == total and self._parts.get(total - 1, 0) >= enough_us:
            end -= 1
        if first < end:
            yield first, end

    def _part(self, second: int, covered_us: int) -> None:
        if self._runs and second < self._runs[-1][1]:
            return
        covered_us += self._parts.pop(second, 0)
        if covered_us >= ENOUGH_US:
            self._count(second, second + 1)
        else:
            self._parts[second] = covered_us

    def _count(self, first: int, end: int) -> None:
        if self._runs and self._runs[-1][1] == first:
            self._runs[-1][1] = end
        else:
            self._runs.append([first, end])
