"""The microphone's worker: PortAudio's callback only lays blocks on a line; all else is here."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from zhishiyun_client.capture import portaudio
from zhishiyun_client.capture.encoders import SOUND_HZ
from zhishiyun_client.capture.microphones import find_microphone, list_microphones
from zhishiyun_client.capture.sound_clock import SampleClock
from zhishiyun_client.capture.sound_level import SoundMeter
from zhishiyun_client.capture.sound_shape import Samples
from zhishiyun_client.capture.sound_source import Source, open_source
from zhishiyun_client.capture.sound_track import SoundTrack
from zhishiyun_client.capture.track_worker import AGAIN_S, ENCODER_ERRORS, TrackWorker
from zhishiyun_client.ports.devices import Device
from zhishiyun_client.ports.recording import Book
from zhishiyun_client.runtime.clock import monotonic_us
from zhishiyun_client.runtime.trays import Line
from zhishiyun_client.runtime.worker import Report
from zhishiyun_protocol.errors import Fixable
from zhishiyun_protocol.evidence.layout import Track

LINE_BLOCKS = 750  # thirty seconds of blocks: longer than any stall of a disk that still works
SILENCE_MEANS_GONE_S = 1.5  # a running stream that calls back no more has lost its device
IDLE_S = 0.5


@dataclass(frozen=True, slots=True)
class Block:
    """What the callback hands over: when it came, int16 bytes, whether sound was lost."""

    arrived_us: int
    sound: bytes
    overflowed: bool


class MicrophoneWorker(TrackWorker):
    """Thread "microphone": line → level, Opus, write. The line holds 30 s: no sound is dropped."""

    def __init__(self, report: Report, marker: Path | None = None) -> None:
        super().__init__(Track.MICROPHONE, "microphone", report)
        self.meter = SoundMeter()
        self._marker = marker
        self._chosen: str | None = None
        self._open_chosen: str | None = None
        self._sounddevice: Any | None = None
        self._source: Source | None = None
        self._line: Line[Block] = Line(LINE_BLOCKS)
        self._clock = SampleClock(SOUND_HZ)
        self._track: SoundTrack | None = None
        self._overflows = 0
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
        self._close_source()
        self._track = None

    # ── the device ──────────────────────────────────────────────────

    def _follow_wishes(self) -> None:
        if self._source is not None and self._open_chosen != self._chosen:
            self._close_source()
        if self._book is None and not self._finished.is_set():
            self._keep_the_rest()
            self._track = None
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
        try:
            source = open_source(sounddevice, number, self._take)
        except Fixable as error:
            self._gone(error.code, str(error.facts.get("held_by", "")))
            return False
        self._clock = SampleClock(source.shape.rate_hz)
        self.meter = SoundMeter()
        self._source, self._open_chosen = source, self._chosen
        self._opened(device.name, device.id, device.demonstration, fps=0.0, format=source.format)
        return True

    def _take(self, sound: Any, _samples: int, _time: Any, status: Any) -> None:
        """Hand a block over. Thread: PortAudio's; must not wait."""
        block = Block(monotonic_us(), bytes(sound), bool(status))
        if not self._line.put(block):
            self._overflows += 1

    def _close_source(self) -> None:
        if self._source is not None:
            source, self._source = self._source, None
            source.close()
        self.meter = SoundMeter()

    # ── the sound ───────────────────────────────────────────────────

    def _hear(self, source: Source) -> None:
        block = self._line.take(SILENCE_MEANS_GONE_S)
        if block is None:
            self._gone("NO_FRAMES")  # told first: closing waits for a driver that hangs
            self._close_source()
            return
        self._alive()
        self._take_in(source, block, self._book)

    def _keep_the_rest(self) -> None:
        """A busy machine may be a second behind: what arrived before the end belongs to it."""
        book, until_us = self._closing
        while self._source is not None and (block := self._line.take()) is not None:
            is_before = block.arrived_us <= until_us
            self._take_in(self._source, block, book if is_before else None)
            if not is_before:
                return

    def _take_in(self, source: Source, block: Block, book: Book | None) -> None:
        samples = np.frombuffer(block.sound, np.int16)
        count = len(samples) // source.shape.channels
        start_us = self._clock.place(block.arrived_us, count, overflowed=block.overflowed)
        self._overflows += block.overflowed and book is not None
        for piece, at_us in source.shape.feed(samples, start_us):
            self.meter.hear(piece, SOUND_HZ)
            self._keep(book, piece, at_us)

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

    def _new_track(self, book: Book) -> SoundTrack:
        self._overflows = 0
        demonstration = self._status.demonstration
        return SoundTrack(book, self._wanted.sound_kbps, demonstration=demonstration)
