"""The microphone's worker: PortAudio's callback only lays blocks on a line; all else is here."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from zhishiyun_client.capture import portaudio
from zhishiyun_client.capture.encoders import SOUND_BLOCK, SOUND_HZ
from zhishiyun_client.capture.microphones import find_microphone, list_microphones
from zhishiyun_client.capture.sound_clock import SampleClock, begin_of
from zhishiyun_client.capture.sound_level import SoundMeter
from zhishiyun_client.capture.sound_track import SoundTrack
from zhishiyun_client.capture.track_worker import AGAIN_S, ENCODER_ERRORS, TrackWorker
from zhishiyun_client.ports.devices import Device
from zhishiyun_client.ports.recording import Book
from zhishiyun_client.runtime.clock import monotonic_us
from zhishiyun_client.runtime.trays import Line
from zhishiyun_client.runtime.worker import Report
from zhishiyun_protocol.evidence.layout import Track

LINE_BLOCKS = 1500  # thirty seconds of blocks: longer than any stall of a disk that still works
SILENCE_MEANS_GONE_S = 1.5  # a running stream that calls back no more has lost its device
IDLE_S = 0.5
SAMPLE_BYTES = 2
FIRST_BLOCKS = 10  # a fifth of a second: a stream's first block may come very late
INPUT_BLOCK = SOUND_BLOCK // 2  # what a frame lacks after the stretch comes 20 ms later, not 40


@dataclass(frozen=True, slots=True)
class Block:
    """What the callback hands over: when it came, int16 mono bytes, whether sound was lost."""

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
        self._stream: Any | None = None
        self._line: Line[Block] = Line(LINE_BLOCKS)
        self._clock: SampleClock | None = None  # until the first blocks have told
        self._first: list[Block] = []
        self._track: SoundTrack | None = None
        self._overflows = 0
        self._list_lock = threading.Lock()
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

    def turn(self, stop: threading.Event) -> None:
        """One block, or one try to get a microphone."""
        self._follow_wishes()
        if self._chosen is None and self._book is None:
            self._look_once()
            self._wake.wait(IDLE_S)
            self._wake.clear()
        elif self._stream is None and not self._open():
            stop.wait(AGAIN_S)
        elif self._stream is not None:
            self._hear()

    def leave(self) -> None:
        """Let the microphone go."""
        self._close_stream()
        self._track = None

    # ── the device ──────────────────────────────────────────────────

    def _follow_wishes(self) -> None:
        if self._stream is not None and self._open_chosen != self._chosen:
            self._close_stream()
        if self._book is None and not self._finished.is_set():
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
        if self._lost_us is not None:
            if not portaudio.probe():
                self._gone("SOUND_SYSTEM_BROKEN")
                return False
            portaudio.look_again(sounddevice)
            self._devices = list_microphones(sounddevice)
        found = find_microphone(sounddevice, self._chosen or "")
        if found is None and self._had_device:
            found = find_microphone(sounddevice, "")  # the next best, as for the camera
        if found is None:
            self._gone("NO_DEVICE")
            return False
        number, device = found
        if not self._start(sounddevice, number):
            return False
        self._opened(device.name, device.id, device.demonstration, fps=0.0)
        return True

    def _start(self, sounddevice: Any, number: int) -> bool:
        self._line = Line(LINE_BLOCKS)
        self._clock, self._first = None, []
        try:
            stream = sounddevice.RawInputStream(
                device=number,
                samplerate=SOUND_HZ,
                channels=1,
                dtype="int16",
                blocksize=INPUT_BLOCK,
                latency="high",
                callback=self._take,
            )
            stream.start()
        except sounddevice.PortAudioError as error:
            busy = "unavailable" in str(error).lower() or "busy" in str(error).lower()
            self._gone("DEVICE_BUSY" if busy else "DEVICE_GONE")
            return False
        self._stream, self._open_chosen = stream, self._chosen
        return True

    def _take(self, sound: Any, _samples: int, _time: Any, status: Any) -> None:
        """Hand a block over. Thread: PortAudio's; must not wait."""
        block = Block(monotonic_us(), bytes(sound), bool(status))
        if not self._line.put(block):
            self._overflows += 1

    def _close_stream(self) -> None:
        if self._stream is not None:
            stream, self._stream = self._stream, None
            stream.abort(ignore_errors=True)
            stream.close(ignore_errors=True)
        self.meter = SoundMeter()

    # ── the sound ───────────────────────────────────────────────────

    def _hear(self) -> None:
        block = self._line.take(SILENCE_MEANS_GONE_S)
        if block is None:
            self._close_stream()
            self._gone("NO_FRAMES")
            return
        self._alive()
        if self._clock is not None:
            self._keep(self._clock, block)
            return
        self._first.append(block)
        if len(self._first) == FIRST_BLOCKS:
            arrivals = [(it.arrived_us, len(it.sound) // SAMPLE_BYTES) for it in self._first]
            self._clock = SampleClock(SOUND_HZ, begin_of(arrivals, SOUND_HZ))
            for first in self._first:
                self._keep(self._clock, first)

    def _keep(self, clock: SampleClock, block: Block) -> None:
        samples = np.frombuffer(block.sound, np.int16)
        start_us = clock.place(block.arrived_us, len(samples), overflowed=block.overflowed)
        self._overflows += block.overflowed and self._book is not None
        self.meter.hear(samples, SOUND_HZ)
        book = self._book
        if book is None or book.place_us(start_us) < 0:  # heard before the recording began
            return
        try:
            if self._track is None:
                self._track = self._new_track(book)
            self._track.keep(samples, start_us)
        except ENCODER_ERRORS as error:
            self._encoder_failed(error)
            self._track = None
        else:
            self._stand(frames=self._track.frames, dropped=self.overflows + self._track.refused)

    def _close_track(self) -> None:
        track, self._track = self._track, None
        if track is not None:
            try:
                track.close()
            except ENCODER_ERRORS as error:
                self._encoder_failed(error)

    def _new_track(self, book: Book) -> SoundTrack:
        self._overflows = 0
        demonstration = self._status.demonstration
        return SoundTrack(book, self._wanted.sound_kbps, demonstration=demonstration)
