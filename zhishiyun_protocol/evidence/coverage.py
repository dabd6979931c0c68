"""Per-second coverage of each track, from record headers alone: no key is needed (R191)."""

from __future__ import annotations

from zhishiyun_protocol.evidence.contents import Run
from zhishiyun_protocol.evidence.layout import RecordHeader, Track
from zhishiyun_protocol.messages.evidence import TrackCoverage

SECOND_US = 1_000_000
ENOUGH_US = SECOND_US // 2  # a second counts when half of it is there
TRACKS = (Track.CAMERA, Track.MICROPHONE, Track.SCREEN)


class Coverage:
    """Adds up packets; memory grows by eight bytes a track and second."""

    def __init__(self) -> None:
        self._run: Run | None = None
        self._covered_us: dict[int, list[int]] = {track: [] for track in TRACKS}
        self._reach_us: dict[int, int] = dict.fromkeys(TRACKS, 0)
        self._packets: dict[int, int] = dict.fromkeys(TRACKS, 0)
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
        if header.track not in self._packets:
            return
        self._packets[header.track] += 1
        start_us = max(self.place_us(header), 0)
        end_us = start_us + header.duration_us
        self.end_us = max(self.end_us, start_us)
        start_us = max(start_us, self._reach_us[header.track])
        seconds = self._covered_us[header.track]
        while start_us < end_us:
            second = start_us // SECOND_US
            upto_us = min(end_us, (second + 1) * SECOND_US)
            seconds.extend([0] * (second + 1 - len(seconds)))
            seconds[second] += upto_us - start_us
            start_us = upto_us
        self._reach_us[header.track] = max(self._reach_us[header.track], end_us)

    def tracks(self) -> tuple[TrackCoverage, ...]:
        """The result, up to the last packet of any track."""
        total = -(-self.end_us // SECOND_US)
        return tuple(self._track(track, total) for track in TRACKS)

    def _track(self, track: Track, total: int) -> TrackCoverage:
        seconds = self._covered_us[track][:total]
        seconds += [0] * (total - len(seconds))
        last_us = self.end_us - (total - 1) * SECOND_US if total else 0
        wanted = [ENOUGH_US] * total
        if total:
            wanted[-1] = min(ENOUGH_US, last_us // 2)
        there = [covered >= want for covered, want in zip(seconds, wanted, strict=True)]
        return TrackCoverage(
            track=track.name.lower(),
            seconds=total,
            covered=sum(there),
            packets=self._packets[track],
            missing=tuple(_holes(there)),
        )


def _holes(there: list[bool]) -> list[tuple[int, int]]:
    holes: list[tuple[int, int]] = []
    for second, is_there in enumerate(there):
        if is_there:
            continue
        if holes and holes[-1][1] == second:
            holes[-1] = (holes[-1][0], second + 1)
        else:
            holes.append((second, second + 1))
    return holes
