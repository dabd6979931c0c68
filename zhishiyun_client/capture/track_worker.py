"""What the three capture workers share: a book to fill while recording, and how they stand."""

from __future__ import annotations

import logging
import threading

import av
import msgspec

from zhishiyun_client.capture.encoder_choice import EncoderShelf, Tried
from zhishiyun_client.capture.picture_track import PictureTrack
from zhishiyun_client.capture.rungs import RUNGS, Rung
from zhishiyun_client.ports.devices import TrackState
from zhishiyun_client.ports.quality import Load
from zhishiyun_client.ports.recorder import DeviceBack, DeviceLost, TrackStatus, Trouble
from zhishiyun_client.ports.recording import Book
from zhishiyun_client.runtime.clock import monotonic_us
from zhishiyun_client.runtime.worker import Report, Worker
from zhishiyun_protocol.evidence.contents import Cause, DeviceEvent
from zhishiyun_protocol.evidence.layout import Track
from zhishiyun_protocol.plan import Recording

LOG = logging.getLogger(__name__)
AGAIN_S = 0.5  # between two tries to open a device that is not there
QUIET_US = 2_500_000  # a track that says OK and shows nothing for so long is not OK


class TrackWorker(Worker):
    """One track for the life of the recorder: idle, previewing or recording.

    Thread: `record`, `finish` and `status` any; the rest the worker's.
    """

    def __init__(
        self, track: Track, name: str, report: Report, shelf: EncoderShelf | None = None
    ) -> None:
        super().__init__(name, report)
        self.track = track
        self._shelf = shelf or EncoderShelf()
        self._wake = threading.Event()
        self._book: Book | None = None
        self._wanted = Recording()
        self._rung = RUNGS[0]
        self._load = Load()
        self._finished = threading.Event()
        self._finished.set()
        self._status = TrackStatus()
        self._alive_us = monotonic_us()
        self._lost_us: int | None = None
        self._had_device = False

    def record(self, book: Book, wanted: Recording) -> None:
        """From the next picture or block on, keep what comes in `book`."""
        self._wanted = wanted
        self._finished.clear()
        self._book = book
        if self._status.state in (TrackState.LOST, TrackState.ABSENT):
            self._blame(book)
        if self._status.state is TrackState.OK and self._had_device:
            self._note(self._event("chosen"))  # before the recording began
        self._wake.set()

    def finish(self) -> None:
        """Keep nothing from now on; `finished` tells when the last packet is in the book."""
        self._book = None
        self._wake.set()

    def finished(self, within_s: float) -> bool:
        """Wait until the last packet is in the book."""
        return self._finished.wait(within_s)

    def status(self) -> TrackStatus:
        """How the track stands; a device that hangs without an error is no longer OK."""
        known = self._status
        if known.state is TrackState.OK and monotonic_us() - self._alive_us > QUIET_US:
            return msgspec.structs.replace(known, state=TrackState.LOST, cause="NO_FRAMES")
        return known

    @property
    def rung(self) -> Rung:
        """Where quality stands for this track."""
        return self._rung

    def use(self, rung: Rung) -> None:
        """Record on this rung from the next picture on."""
        self._rung = rung

    def load(self) -> Load:
        """What the track has had to do so far; only the differences tell something."""
        return self._load

    # ── for the subclasses ──────────────────────────────────────────

    def _stand(self, **changes: object) -> None:
        self._status = msgspec.structs.replace(self._status, **changes)

    def _alive(self) -> None:
        self._alive_us = monotonic_us()

    def _opened(self, name: str, device_id: str, demonstration: bool, **size: object) -> None:
        """The device gives pictures or sound."""
        self._alive()
        is_other = name != self._status.device_name
        self._stand(
            state=TrackState.OK,
            device_id=device_id,
            device_name=name,
            demonstration=demonstration,
            cause="",
            held_by="",
            **size,
        )
        lost_us, self._lost_us = self._lost_us, None
        what = "back" if lost_us is not None else "chosen"
        LOG.info("%s: device %s", self.name, what)
        self._note(self._event(what))
        if lost_us is not None:
            gap_ms = (monotonic_us() - lost_us) // 1000
            self._report(DeviceBack(track=self.name, name=name, gap_ms=gap_ms, other=is_other))
        if self._book is not None and self._had_device:
            cause = Cause.DEVICE_CHANGED if is_other and lost_us is None else Cause.DEVICE_LOST
            self._book.blame(self.track, cause)
        self._had_device = True

    def _gone(self, cause: str, held_by: str = "") -> None:
        """The device gives nothing; said once, however often it is tried again."""
        state = TrackState.LOST if self._had_device else TrackState.ABSENT
        if self._status.state is state and self._status.cause == cause:
            return
        first = self._lost_us is None
        self._stand(state=state, cause=cause, held_by=held_by)
        if first:
            self._lost_us = monotonic_us()
            name = self._status.device_name
            LOG.warning("%s: %s", self.name, cause)
            self._note(self._event("lost" if self._had_device else "absent", cause))
            self._report(DeviceLost(track=self.name, name=name, cause=cause, held_by=held_by))
        if self._book is not None:
            self._blame(self._book)

    def _blame(self, book: Book) -> None:
        cause = Cause.DEVICE_LOST if self._had_device else Cause.DEVICE_ABSENT
        book.blame(self.track, cause)

    def _event(self, what: str, cause: str = "") -> DeviceEvent:
        """What happened to the device, and how it stands."""
        known = self._status
        return DeviceEvent(
            what=what,
            name=known.device_name,
            cause=cause,
            width_px=known.width_px,
            height_px=known.height_px,
            fps=known.fps,
            format=known.format,
            demonstration=known.demonstration,
        )

    def _note(self, event: DeviceEvent) -> None:
        if self._book is not None:
            self._book.device(self.track, event)

    def _worked(self, began_us: int, missed: int) -> None:
        """A picture was taken and dealt with; `missed` have not been, in all so far."""
        busy_us = self._load.busy_us + monotonic_us() - began_us
        self._load = Load(self._load.taken + 1, missed, busy_us)

    def _encoder_failed(self, error: Exception, track: PictureTrack | None = None) -> None:
        LOG.error("%s: the encoder failed: %s", self.name, error)
        if track is not None and track.encoder.is_hardware:
            self._shelf.know(track.encoder.name, Tried(False, "failed while recording"))
        self._report(
            Trouble(
                code="ENCODER_FAILED",
                message=f"The encoder of the {self.name} failed and is started again.",
                zh="编码器出错，正在自动恢复。",
                facts={"track": self.name},
            )
        )


ENCODER_ERRORS = (av.error.FFmpegError, ValueError, MemoryError)
"""What PyAV raises when an encoder or muxer gives up."""
