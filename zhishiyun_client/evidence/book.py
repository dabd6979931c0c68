"""The book of one attempt: every track's packets, and a GAP for whatever lies between them."""

from __future__ import annotations

import logging
import shutil
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import msgspec

from zhishiyun_client.evidence.lives import Life, write_life
from zhishiyun_client.evidence.recovery import Opened
from zhishiyun_client.evidence.writer import LogWriter
from zhishiyun_client.runtime.clock import monotonic_us
from zhishiyun_client.runtime.refusals import Refusal
from zhishiyun_protocol.evidence.contents import (
    Ack,
    Cause,
    DeviceEvent,
    End,
    Gap,
    Mark,
    Quality,
    Stream,
)
from zhishiyun_protocol.evidence.coverage import TRACKS
from zhishiyun_protocol.evidence.layout import Flag, Kind, Track
from zhishiyun_protocol.signing import canonical_json

LOG = logging.getLogger(__name__)
HOLE_US: Mapping[Track, int] = {
    Track.CAMERA: 500_000,
    Track.MICROPHONE: 80_000,
    Track.SCREEN: 1_600_000,
}
"""Longer without a packet is a gap: half of what the verifier's second asks for; for sound two
blocks of 40 ms; for the screen, which rests at one frame a second, a frame and a half."""
SOUND_WAITS_US = 30_000_000  # so long sound waits on its line when the processor is short
SLICE_US = 5_000_000  # a gap that lasts is written down this often, so that a crash loses no cause
END_US = 1_000_000  # at the end devices stop one after another: only more is a gap
PICTURES_NEED_BYTES = 32 * 1024 * 1024  # below this, sound alone: two hours of it at 32 kbit/s


class EvidenceBook:
    """Keeps the promise of `ports.recording.Book`. Thread: any."""

    def __init__(self, opened: Opened) -> None:
        self.writer: LogWriter = opened.writer
        self._run = opened.run
        self._lock = threading.Lock()
        self._placed_us = {Track(track): at_us for track, at_us in opened.placed_us.items()}
        self._causes: dict[Track, Cause] = dict.fromkeys(TRACKS, opened.run.cause)
        self._media_us: dict[Track, int] = dict.fromkeys(TRACKS, 0)
        self._closing: deque[Callable[[], object]] | None = None
        self.disk_free_bytes = 0
        self.look_at_disk()

    @property
    def run(self) -> int:
        """The current life of the recorder."""
        return self._run.run

    @property
    def has_room_for_pictures(self) -> bool:
        """Whether the disk has more room than sound alone will need."""
        return self.disk_free_bytes >= PICTURES_NEED_BYTES

    @property
    def is_disk_full(self) -> bool:
        """Whether the disk takes no more pictures, or nothing at all."""
        return self.writer.refusal is Refusal.FULL or not self.has_room_for_pictures

    def look_at_disk(self) -> int:
        """Ask how much room is left, bytes; the last answer stands where it is not told now."""
        with suppress(OSError):
            self.disk_free_bytes = shutil.disk_usage(self.writer.path.parent).free
        return self.disk_free_bytes

    def place_us(self, at_us: int) -> int:
        """Where on the attempt's timeline an instant of the monotonic clock lies."""
        return self._run.timeline_us + at_us - self._run.monotonic_us

    def media_s(self, track: Track) -> float:
        """Seconds of this track that this run has recorded."""
        return self._media_us[track] / 1_000_000

    def stream(self, track: Track, stream: Stream) -> None:
        """A track's stream begins: the next PACKET holds its first bytes."""
        self.writer.append(Kind.STREAM, canonical_json(stream), track=track)

    def packet(
        self, track: Track, data: bytes, *, at_us: int, duration_us: int, is_key: bool
    ) -> bool:
        """Keep one packet; False when the disk has no room for it, or too much waits for it."""
        if track is not Track.MICROPHONE and not self.has_room_for_pictures:
            self.blame(track, Cause.DISK_FULL)
            return False
        place_us = self.place_us(at_us)
        self._close_hole(track, place_us)
        kept = self.writer.append(
            Kind.PACKET,
            data,
            track=track,
            flags=Flag.KEY_FRAME if is_key else Flag.NONE,
            at_us=at_us,
            duration_us=duration_us,
        )
        if kept:
            self._account(track, place_us, duration_us)
        else:
            full = self.writer.refusal is Refusal.FULL
            self.blame(track, Cause.DISK_FULL if full else Cause.DISK_LOCKED)
        return kept

    def blame(self, track: Track, cause: Cause) -> None:
        """Name what makes the next packets of this track late or absent."""
        with self._lock:
            self._causes[track] = cause

    def explain(self, track: Track, cause: Cause) -> None:
        """Name what makes packets late or absent, where nobody has named a better cause."""
        with self._lock:
            if self._causes[track] is Cause.UNKNOWN:
                self._causes[track] = cause

    def device(self, track: Track, event: DeviceEvent) -> None:
        """Write down that a device was chosen, lost, or came back."""
        self.writer.append(Kind.DEVICE, canonical_json(event), track=track)

    def mark(self, mark: Mark) -> None:
        """Write down a phase, a stage, something shown."""
        self.writer.append(Kind.MARK, canonical_json(mark))

    def finding(self, finding: Mapping[str, Any]) -> None:
        """Write down what the guard saw."""
        self.writer.append(Kind.FINDING, msgspec.json.encode(finding))

    def chat(self, line: Mapping[str, Any]) -> None:
        """Write down a line of the help conversation."""
        self.writer.append(Kind.CHAT, msgspec.json.encode(line))

    def ack(self, ack: Ack) -> None:
        """Write down what the server has committed to hold."""
        self.writer.append(Kind.ACK, canonical_json(ack))

    def quality(self, quality: Quality) -> None:
        """Write down counts and where the ladder stands."""
        self.writer.append(Kind.QUALITY, canonical_json(quality))

    def note_missing(self, at_least_us: int = SLICE_US) -> None:
        """Write a GAP for every track that has been missing for so long, up to now."""
        now_us = self.place_us(monotonic_us())
        for track in TRACKS:
            with self._lock:
                from_us, cause = self._placed_us[track], self._causes[track]
                if now_us - from_us < max(at_least_us, HOLE_US[track]):
                    continue
                if _may_still_come(track, cause, now_us - from_us) and at_least_us == SLICE_US:
                    continue
                self._placed_us[track] = now_us
            self._gap(track, from_us, now_us, cause)

    def put_back(self) -> None:
        """See that the log lies where it should; what had to be written anew is marked in it."""
        try:
            was_gone = self.writer.put_back()
            if was_gone:
                write_life(self.writer.path, self._life())
        except OSError as error:
            LOG.warning("the log cannot be put back now: %s", error)
        else:
            if was_gone:
                self.mark(Mark(what="log_put_back"))

    def slept(self, slept_us: int) -> None:
        """Write down that the machine slept: an empty gap here, and how long it was."""
        now_us = self.place_us(monotonic_us())
        everything = tuple(int(track) for track in TRACKS)
        gap = Gap(tracks=everything, from_us=now_us, to_us=now_us, cause=Cause.SLEPT)
        self.writer.append(Kind.GAP, canonical_json(gap))
        self.mark(Mark(what="slept", detail={"ms": str(slept_us // 1000)}))

    def end(self, end: End) -> bool:
        """Close the recording: last gaps, END, a signed head, all of it durable.

        False while the disk has no room: called again, it goes on where it stood.
        """
        if self._closing is None:
            self._closing = deque(
                (
                    partial(self.note_missing, END_US),
                    partial(self.writer.append, Kind.END, canonical_json(end)),
                    self.writer.sign_head,
                )
            )
        while self._closing and self.writer.pay():
            self._closing.popleft()()  # refused now, it is owed and paid before the next
        if self._closing or not self.writer.pay():
            return False
        return self.writer.sync() == self.writer.head.length

    def stop(self) -> None:
        """Leave the recording open for a later run: sign, sync, and say that nobody was killed."""
        self.note_missing()
        self.writer.sign_head()
        self.close(stopped=True)

    def close(self, *, stopped: bool) -> None:
        """Close the file; `stopped` tells the next start that this life ended by itself."""
        self.writer.close()
        if stopped:
            write_life(self.writer.path, self._life(stopped=True))

    def _life(self, *, stopped: bool = False) -> Life:
        """This life of the recorder, for the run file."""
        return Life(
            run=self._run.run,
            boot_id=self._run.boot_id,
            monotonic_us=self._run.monotonic_us,
            timeline_us=self._run.timeline_us,
            stopped=stopped,
        )

    def _close_hole(self, track: Track, place_us: int) -> None:
        """What a packet jumps over is a gap with its cause, written before the packet."""
        with self._lock:
            from_us, cause = self._placed_us[track], self._causes[track]
            if place_us - from_us <= HOLE_US[track]:
                return
            self._placed_us[track] = place_us
        self._gap(track, from_us, place_us, cause)

    def _account(self, track: Track, place_us: int, duration_us: int) -> None:
        """Move a track's place forward over a packet that is kept."""
        with self._lock:
            from_us = self._placed_us[track]
            lasts_us = duration_us if track is Track.MICROPHONE else 0  # a picture only stands
            self._placed_us[track] = max(from_us, place_us + lasts_us)
            self._causes[track] = Cause.UNKNOWN
            self._media_us[track] += max(place_us + lasts_us - from_us, 0)

    def _gap(self, track: Track, from_us: int, to_us: int, cause: Cause) -> None:
        """Write a gap; the track's place stands at its end already, and goes back if refused."""
        gap = Gap(tracks=(int(track),), from_us=from_us, to_us=to_us, cause=cause)
        if self.writer.append(Kind.GAP, canonical_json(gap)):
            return
        with self._lock:
            if self._placed_us[track] == to_us:
                self._placed_us[track] = from_us


def _may_still_come(track: Track, cause: Cause, missing_us: int) -> bool:
    """Sound of which nobody said that it is lost: late, not missing."""
    is_late = cause in (Cause.UNKNOWN, Cause.OVERLOAD)
    return track is Track.MICROPHONE and is_late and missing_us < SOUND_WAITS_US
