"""The sound track while it records: blocks → even frames → Opus → one record a packet."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
from numpy.typing import NDArray

from zhishiyun_client.capture.encoders import CLOCK_HZ, SOUND_BLOCK, SOUND_HZ, open_sound
from zhishiyun_client.capture.mpegts_sound import OpusTransport
from zhishiyun_client.capture.sound_stretch import AHEAD, SoundStretch
from zhishiyun_client.ports.recording import Book
from zhishiyun_protocol.evidence.contents import Cause, Stream
from zhishiyun_protocol.evidence.layout import Track

LENGTH_US = SOUND_BLOCK * 1_000_000 // SOUND_HZ
LOOK_AHEAD_US = 6_500  # Opus' own (RFC 7845 §4.2)
STRETCH_US = AHEAD * 1_000_000 // SOUND_HZ
HOLE_US = 80_000  # two blocks: what the book writes down as a gap
LOSS_SHOWS_US = 12_000_000
"""The count finds a loss when a window of up to ten seconds closes (capture/sound_clock.py)."""

LOOK_AHEAD_90KHZ = LOOK_AHEAD_US * CLOCK_HZ // 1_000_000


class SoundTrack:
    """Encodes and keeps frames of 40 ms, from blocks of any length. Thread: its worker's."""

    def __init__(self, book: Book, kbps: int, *, demonstration: bool) -> None:
        self._book = book
        self._encoder = open_sound(kbps)
        self._transport = OpusTransport()
        self._stretch = SoundStretch(SOUND_HZ, SOUND_BLOCK)
        self._samples = 0
        self._last_pts = -1
        self._ends_us: int | None = None
        self._lost_until_us = 0
        self.frames = 0
        self.refused = 0
        book.stream(
            Track.MICROPHONE,
            Stream(
                container="mpegts",
                codec="opus",
                encoder="libopus",
                sample_rate_hz=SOUND_HZ,
                demonstration=demonstration,
                why="speech, 40 ms",
            ),
        )

    @property
    def lacks(self) -> int:
        """How many samples complete the next frame."""
        return self._stretch.lacks

    def keep(self, block: NDArray[np.int16], start_us: int) -> None:
        """Encode and write a block, int16 (n,), whose first sample was at `start_us`.

        In the first milliseconds of the timeline there is no time stamp early enough for it.

        Raises:
            av.error.FFmpegError: the encoder failed.
        """
        if self._book.place_us(start_us) < LOOK_AHEAD_US + STRETCH_US:
            return
        for samples, at_us in self._stretch.frames(block, start_us):
            self._keep(samples, at_us)

    def lost(self, at_us: int) -> None:
        """The system or the line lost sound about then: a hole that follows soon is the machine's.

        Not blamed at once: what waits is written first, and would take the cause away.
        """
        self._lost_until_us = at_us + LOSS_SHOWS_US

    def end_frame(self) -> None:
        """Write what waits for the rest of its frame, filled up with silence; blocks may follow.

        Raises:
            av.error.FFmpegError: the encoder failed.
        """
        for samples, at_us in self._stretch.finish():
            self._keep(samples, at_us)

    def _keep(self, samples: NDArray[np.int16], at_us: int) -> None:
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = SOUND_HZ
        frame.pts, frame.time_base = self._samples, Fraction(1, SOUND_HZ)
        self._samples += len(samples)
        is_hole = self._ends_us is not None and at_us - self._ends_us > HOLE_US
        if is_hole and at_us <= self._lost_until_us:
            self._book.explain(Track.MICROPHONE, Cause.OVERLOAD)
        self._ends_us = at_us + LENGTH_US
        place_us = self._book.place_us(at_us)
        pts = max(place_us * CLOCK_HZ // 1_000_000 - LOOK_AHEAD_90KHZ, self._last_pts + 1)
        for packet in self._encoder.encode(frame):
            self._last_pts = pts
            kept = self._book.packet(
                Track.MICROPHONE,
                self._transport.wrap(bytes(packet), pts),
                at_us=at_us,
                duration_us=LENGTH_US,
                is_key=True,
            )
            if kept:
                self.frames += 1
            else:
                self.refused += 1
