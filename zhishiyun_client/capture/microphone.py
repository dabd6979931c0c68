"""The microphone's worker: PortAudio's callback only lays blocks on a line; all else is here."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from zhishiyun_client.capture import portaudio
from zhishiyun_client.capture.encoders import SOUND_HZ
from zhishiyun_client.capture.microphones import find_microphone, list_microphones
from zhishiyun_client.capture.silence import LISTEN_S, Silence
from zhishiyun_client.capture.sound_clock import SampleClock, begin_of
from zhishiyun_client.capture.sound_level import SoundMeter
from zhishiyun_client.capture.sound_shape import US, Samples, block_of
from zhishiyun_client.capture.sound_source import Source, open_source
from zhishiyun_client.capture.sound_track import SoundTrack
from zhishiyun_client.capture.sound_trial import SoundTrial
from zhishiyun_client.capture.track_worker import AGAIN_S, ENCODER_ERRORS, TrackWorker
from zhishiyun_client.ports.devices import Device
from zhishiyun_client.ports.recording import Book
from zhishiyun_client.runtime.clock import monotonic_us
from zhishiyun_client.runtime.trays import Line
from zhishiyun_client.runtime.worker import Report
from zhishiyun_protocol.errors import Fixable
from zhishiyun_protocol.evidence.layout import Track

LINE_BLOCKS = 1500  # thirty seconds of blocks: longer than any stall of a disk that still works
IDLE_S = 0.5
EVEN_US = 5_000  # the clock leads by 2 ms a block at most: farther apart, sound was lost between
FIRST_BLOCKS = 10  # a fifth of a second: a stream's first block may come very late


@dataclass(frozen=True, slots=True)
class Block:
    """What the callback hands over: when it came, int16 bytes, whether sound was lost."""

    arrived_us: int
    sound: bytes
    overflowed: bool


class MicrophoneWorker(TrackWorker):
    """Thread "microphone": line → level, Opus, write. The line holds 30 s: no sound is dropped."""

    def __init__(
        self, report: Report, marker: Path | None = None, trial: SoundTrial | None = None
    ) -> None:
        super().__init__(Track.MICROPHONE, "microphone", report)
        self.meter = SoundMeter()
        self._marker = marker
        self._trial = trial or SoundTrial(report)
        self._chosen: str | None = None
        self._open_chosen: str | None = None
        self._sounddevice: Any | None = None
        self._source: Source | None = None
        self._line: Line[Block] = Line(LINE_BLOCKS)
        self._clock: SampleClock | None = None  # until the first blocks have told
        self._first: list[tuple[Block, Book | None]] = []
        self._track: SoundTrack | None = None
        self._overflows = 0
        self._line_was_full = False
        self._silence = Silence()
        self._closing: tuple[Book | None, int] = (None, 0)
        self._devices: tuple[Device, ...] = ()

    @property
    def overflows(self) -> int:
        """How often the system or the line lost sound in this run."""
        return self._overflows + self._line.refused

    @property
    def devices(self) -> tuple[Device, ...]:
        """The microphones as last seen. Thread: any."""
        return self._devices

    def choose(self, microphone_id: str | None) -> None:
        """Use this microphone from now on; "" the system's choice, None: none. Thread: any."""
        self._chosen = microphone_id
        self._wake.set()

    def finish(self) -> None:
        """Keep what was heard until now and nothing more; `finished` tells when it is kept."""
        self._closing = self._book, monotonic_us()
        super().finish()

    def turn(self, stop: threading.Event) -> None:
        """One block, or one try to get a microphone."""
        self._follow_wishes()
        if self._chosen is None and self._book is None:
            self._look_once()
            self._wake.wait(IDLE_S)
            self._wake.clear()
        elif self._source is None and not self._open():
            stop.wait(AGAIN_S)
        elif self._source is not None:
            self._hear(self._source)

    def leave(self) -> None:
        """Let the microphone go."""
        self._track = None
        self._close_source()

    # ── the device ──────────────────────────────────────────────────

    def _follow_wishes(self) -> None:
        if self._source is not None and self._open_chosen != self._chosen:
            self._close_source()
        if self._book is None and not self._finished.is_set():
            self._keep_the_rest()
            self._close_track()
            self._finished.set()

    def _look_once(self) -> None:
        if self._sounddevice is None:
            self._sounddevice = portaudio.load(self._marker)
            if self._sounddevice is not None:
                self._devices = list_microphones(self._sounddevice)

    def _open(self) -> bool:
        self._look_once()
        sounddevice = self._sounddevice
        if sounddevice is None:
            self._gone("NO_PORTAUDIO")
            return False
        if self._lost_us is not None and not self._look_again(sounddevice):
            self._gone("SOUND_SYSTEM_BROKEN")
            return False
        found = find_microphone(sounddevice, self._chosen or "")
        if found is None and self._lost_us is None and self._look_again(sounddevice):
            found = find_microphone(sounddevice, self._chosen or "")  # plugged in meanwhile
        if found is None and self._had_device:
            found = find_microphone(sounddevice, "")  # the next best, as for the camera
        if found is None:
            self._gone("NO_DEVICE")
            return False
        return self._start(sounddevice, *found)

    def _look_again(self, sounddevice: Any) -> bool:
        """Let PortAudio see what is there now; False when the sound system ends whoever asks."""
        if not portaudio.probe():
            return False
        portaudio.look_again(sounddevice)
        self._devices = list_microphones(sounddevice)
        return True

    def _start(self, sounddevice: Any, number: int, device: Device) -> bool:
        self._line = Line(LINE_BLOCKS)
        self._clock, self._first = None, []
        try:
            source = open_source(sounddevice, number, self._take)
        except Fixable as error:
            self._gone(error.code, str(error.facts.get("held_by", "")))
            return False
        self.meter = SoundMeter()
        self._source, self._open_chosen = source, self._chosen
        self._opened(device.name, device.id, device.demonstration, fps=0.0, format=source.format)
        return True

    def _take(self, sound: Any, _samples: int, _time: Any, status: Any) -> None:
        """Hand a block over. Thread: PortAudio's; must not wait."""
        block = Block(monotonic_us(), bytes(sound), bool(status) or self._line_was_full)
        self._line_was_full = not self._line.put(block)
        if self._line_was_full:
            self._overflows += 1

    def _close_source(self) -> None:
        self._end_frame()
        if self._source is not None:
            source, self._source = self._source, None
            source.close()
        self._silence.end()
        self.meter = SoundMeter()

    # ── the sound ───────────────────────────────────────────────────

    def _hear(self, source: Source) -> None:
        began_us = monotonic_us()
        blocks = self._line.take_all(self._worth_waking(), LISTEN_S)
        if not blocks:
            self._silence.note(began_us)
            if not self._silence.means_gone:
                return
            self._end_frame()
            self._gone("NO_FRAMES")  # told first: closing waits for a driver that hangs
            self._close_source()
            return
        self._silence.end()
        self._alive()
        self._take_in(source, blocks, self._book)

    def _worth_waking(self) -> int:
        """How many blocks give the next frame: before them there is nothing to write."""
        if self._clock is None or self._track is None:
            return 1
        return max(1, math.ceil(self._track.lacks / block_of(SOUND_HZ)))

    def _keep_the_rest(self) -> None:
        """A busy machine may be a second behind: what arrived before the end belongs to it."""
        book, until_us = self._closing
        source = self._source
        if source is None:
            return
        rest = self._line.take_all(0, 0.0)
        self._take_in(source, [block for block in rest if block.arrived_us <= until_us], book)
        self._take_in(source, [block for block in rest if block.arrived_us > until_us], None)
        if self._clock is None:
            self._begin(source)

    def _take_in(self, source: Source, blocks: list[Block], book: Book | None) -> None:
        """More blocks, for this book; the first ones wait until they tell when all began."""
        if self._clock is not None:
            self._place(source, self._clock, blocks, book)
            return
        self._first += [(block, book) for block in blocks]
        if len(self._first) >= FIRST_BLOCKS:
            self._begin(source)

    def _begin(self, source: Source) -> None:
        first, self._first = self._first, []
        if not first:
            return
        rate_hz = source.shape.rate_hz
        arrivals = [(block.arrived_us, source.shape.samples_in(block.sound)) for block, _ in first]
        self._clock = SampleClock(rate_hz, begin_of(arrivals, rate_hz))
        for block, book in first:
            self._place(source, self._clock, [block], book)

    def _place(
        self, source: Source, clock: SampleClock, blocks: list[Block], book: Book | None
    ) -> None:
        """Count in the device's own samples; what follows evenly goes on as one piece."""
        piece, begins_us, ends_us = bytearray(), 0, 0
        for block in blocks:
            count = source.shape.samples_in(block.sound)
            start_us = clock.place(block.arrived_us, count, overflowed=block.overflowed)
            if piece and abs(start_us - ends_us) > EVEN_US:
                self._shape(source, bytes(piece), begins_us, book)
                piece.clear()
            if block.overflowed and book is not None:
                self._overflows += 1
                if self._track is not None:
                    self._track.lost(block.arrived_us)
            begins_us = begins_us if piece else start_us
            ends_us = start_us + count * US // source.shape.rate_hz
            piece += block.sound
        if piece:
            self._shape(source, bytes(piece), begins_us, book)

    def _shape(self, source: Source, sound: bytes, start_us: int, book: Book | None) -> None:
        """Make of it what is recorded."""
        samples, at_us = source.shape.feed(np.frombuffer(sound, np.int16), start_us)
        if len(samples):
            self.meter.hear(samples, SOUND_HZ)
            self._trial.hear(samples)
            self._keep(book, samples, at_us)

    def _keep(self, book: Book | None, samples: Samples, at_us: int) -> None:
        if book is None or book.place_us(at_us) < 0:  # heard before the recording began
            return
        try:
            if self._track is None:
                self._track = self._new_track(book)
            self._track.keep(samples, at_us)
        except ENCODER_ERRORS as error:
            self._encoder_failed(error)
            self._track = None
        else:
            self._stand(frames=self._track.frames, dropped=self.overflows + self._track.refused)

    def _close_track(self) -> None:
        self._end_frame()
        self._track = None

    def _end_frame(self) -> None:
        """Write what waits before a gap begins: written behind it, it would take its cause away."""
        if self._track is None:
            return
        try:
            self._track.end_frame()
        except ENCODER_ERRORS as error:
            self._encoder_failed(error)
            self._track = None

    def _new_track(self, book: Book) -> SoundTrack:
        self._overflows = 0
        demonstration = self._status.demonstration
        return SoundTrack(book, self._wanted.sound_kbps, demonstration=demonstration)
