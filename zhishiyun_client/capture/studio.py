"""All capture of one recorder: three tracks, their devices and the preview."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import av
import cv2

from zhishiyun_client.capture.camera import CameraWorker
from zhishiyun_client.capture.cameras import FILM_NAME, is_film
from zhishiyun_client.capture.device_lister import DeviceLister
from zhishiyun_client.capture.encoder_choice import EncoderShelf
from zhishiyun_client.capture.encoder_trials import EncoderTrials
from zhishiyun_client.capture.microphone import MicrophoneWorker
from zhishiyun_client.capture.preview_memory import PreviewMemory
from zhishiyun_client.capture.rungs import RUNGS, Rung
from zhishiyun_client.capture.screen import ScreenWorker
from zhishiyun_client.capture.sound_trial import SoundTrial
from zhishiyun_client.capture.track_worker import TrackWorker
from zhishiyun_client.ports.devices import DEMO_SCREEN_VARIABLE, Device
from zhishiyun_client.ports.recording import Book
from zhishiyun_client.runtime.crew import Crew
from zhishiyun_client.runtime.worker import Report
from zhishiyun_protocol.evidence.contents import TrackCount
from zhishiyun_protocol.plan import Recording

SWITCH_INTERVAL_S = 0.0005  # a busy thread gives way in time for the camera (capture.md §3.7)
FINISH_WITHIN_S = 3.0
SOUND_MARKER = "portaudio.loading"


class Studio:
    """Owns camera, microphone and screen for the recorder's whole life. Thread: the core's."""

    def __init__(self, home: Path, report: Report) -> None:
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        cv2.setNumThreads(1)
        av.logging.set_level(av.logging.ERROR)
        self.preview = PreviewMemory()
        self._shelf = EncoderShelf()
        self._trials = EncoderTrials(home, self._shelf, self._is_recording, report)
        self._rung = RUNGS[0]
        self.camera = CameraWorker(self.preview, report, self._shelf)
        self._marker = home / SOUND_MARKER
        self.trial = SoundTrial(report)
        self.microphone = MicrophoneWorker(report, self._marker, self.trial)
        self.screen = self._new_screen(report)
        self.lister = DeviceLister(self._microphones, report)
        self._report = report
        self._crew = Crew()
        self._book: Book | None = None
        self._wanted = Recording()
        self._camera_id: str | None = None
        self._microphone_id: str | None = None

    @property
    def workers(self) -> tuple[TrackWorker, ...]:
        """The three tracks."""
        return (self.camera, self.microphone, self.screen)

    def start(self) -> None:
        """Start the workers; nothing is opened yet."""
        for worker in (*self.workers, self.lister):
            self._crew.add(worker)
        self._crew.add(self._trials)

    def _is_recording(self) -> bool:
        return self._book is not None

    def _microphones(self) -> tuple[Device, ...]:
        return self.microphone.devices

    def choose(self, camera_id: str | None, microphone_id: str | None) -> None:
        """Use these devices; None leaves one as it is, "" takes the first there is."""
        if camera_id is not None:
            self._camera_id = camera_id
            self.camera.choose(camera_id)
            film = Device(id=camera_id, name=FILM_NAME, demonstration=True)
            self.lister.also = (film,) if is_film(camera_id) else ()
        if microphone_id is not None:
            self._microphone_id = microphone_id
            self.microphone.choose(microphone_id)

    def rest(self) -> None:
        """Let camera and microphone go: their lights go out."""
        self._camera_id = self._microphone_id = None
        self.camera.choose(None)
        self.microphone.choose(None)

    def replace(self, name: str) -> bool:
        """Make a crashed track anew, with the same device and book; False: not one of ours."""
        if name == "camera":
            self.camera = CameraWorker(self.preview, self._report, self._shelf)
            worker: TrackWorker = self.camera
        elif name == "microphone":
            self.microphone = MicrophoneWorker(self._report, self._marker, self.trial)
            worker = self.microphone
        elif name == "screen":
            self.screen = self._new_screen(self._report)
            worker = self.screen
        elif name == "devices":
            before, self.lister = self.lister, DeviceLister(self._microphones, self._report)
            self.lister.follow(before)
            self._crew.add(self.lister)
            return True
        else:
            return name == self._trials.name  # what it has seen is kept; nothing waits for it
        worker.use(self._rung)
        self._crew.add(worker)
        self.choose(self._camera_id, self._microphone_id)
        if self._book is not None:
            worker.record(self._book, self._wanted)
        return True

    def _new_screen(self, report: Report) -> ScreenWorker:
        return ScreenWorker(report, self._shelf, bool(os.environ.get(DEMO_SCREEN_VARIABLE)))

    def use(self, rung: Rung) -> None:
        """Record on this rung from the next pictures on; no picture is lost between two."""
        self._rung = rung
        for worker in self.workers:
            worker.use(rung)

    def record(self, book: Book, wanted: Recording) -> None:
        """Keep everything in `book` from now on."""
        self._book, self._wanted = book, wanted
        for worker in self.workers:
            worker.record(book, wanted)

    def finish(self) -> tuple[str, ...]:
        """Stop keeping; the names of tracks that did not let go in time."""
        self._book = None
        for worker in self.workers:
            worker.finish()
        return tuple(w.name for w in self.workers if not w.finished(FINISH_WITHIN_S))

    def counts(self) -> tuple[TrackCount, ...]:
        """What each track has counted in this run."""
        overflows = self.microphone.overflows
        return tuple(
            TrackCount(
                track=int(worker.track),
                frames=worker.status().frames,
                dropped=worker.status().dropped,
                overflows=overflows if worker is self.microphone else 0,
            )
            for worker in self.workers
        )

    def close(self) -> tuple[str, ...]:
        """Stop the workers and let everything go; the names of those that did not stop in time."""
        late = self._crew.stop()
        self.preview.close()
        return late
