"""What heartbeats say: phase, chain head, what is held, what is wrong, a thumbnail."""

from __future__ import annotations

import base64
import time

import cv2
import numpy as np

from zhishiyun_client.app.attempt import Attempt
from zhishiyun_client.capture.studio import Studio
from zhishiyun_client.ports.devices import Picture, TrackState
from zhishiyun_client.ports.faces import Presence
from zhishiyun_client.ports.recorder import StandingFinding
from zhishiyun_client.ports.uploading import Progress
from zhishiyun_client.runtime.clock import ExamClock
from zhishiyun_protocol.messages.live import Heartbeat, OpenFinding

US = 1_000_000
THUMBNAIL_EVERY_S = 10.0  # design §4
THUMBNAIL_SIZE = (240, 135)
THUMBNAIL_QUALITY = 55  # about 6 KB
PICTURE_NOTES = {
    Picture.BLACK: "CAMERA_BLACK",
    Picture.COVERED: "CAMERA_COVERED",
    Picture.DARK: "CAMERA_DARK",
    Picture.FROZEN: "CAMERA_FROZEN",
}

PRESENCE_NOTES = (
    Presence.NOBODY,
    Presence.SOMEONE_ELSE,
    Presence.SEVERAL,
    Presence.COVERED,
    Presence.OUT_OF_FRAME,
)


class Heartbeats:
    """Composes heartbeats. The core sets the fields; the channel's thread calls `compose`."""

    def __init__(self, studio: Studio, clock: ExamClock) -> None:
        self._studio = studio
        self._clock = clock
        self._reader = studio.preview.reader()
        self._thumbnail_s = 0.0
        self.phase = ""
        self.attempt: Attempt | None = None
        self.progress = Progress(0, 0)
        self.troubles: frozenset[str] = frozenset()
        self.presence: Presence | None = None
        self.findings: tuple[StandingFinding, ...] = ()

    def compose(self) -> Heartbeat:
        """The next heartbeat. Thread: channel."""
        attempt, progress = self.attempt, self.progress
        recording = attempt is not None and attempt.is_recording
        return Heartbeat(
            sent_us=0,
            phase=self.phase,
            recording=recording,
            head=attempt.chain_head() if attempt else None,
            held_bytes=progress.held_bytes,
            lag_bytes=max(0, progress.total_bytes - progress.held_bytes),
            dropped=sum(worker.status().dropped for worker in self._studio.workers),
            notes=self._notes() if recording else (),
            findings=tuple(self._open(finding) for finding in self.findings),
            thumbnail=self._thumbnail() if recording else "",
        )

    def _notes(self) -> tuple[str, ...]:
        notes = [
            f"{worker.name.upper()}_LOST"
            for worker in self._studio.workers
            if worker.status().state in (TrackState.LOST, TrackState.ABSENT)
        ]
        picture = PICTURE_NOTES.get(self._studio.camera.eye.mood)
        if picture:
            notes.append(picture)
        sound = self._studio.microphone.meter.sound
        notes += ["SOUND_SILENT"] * sound.silent + ["SOUND_CLIPPED"] * sound.clipped
        if self.presence in PRESENCE_NOTES:
            notes.append(f"PRESENCE_{self.presence.name}")
        return tuple(notes + sorted(self.troubles))

    def _open(self, finding: StandingFinding) -> OpenFinding:
        known = self._clock.known
        since_us = known.now_us(finding.started_us) if known is not None else 0
        return OpenFinding(
            rule=finding.rule,
            subject=finding.subject,
            name=finding.name,
            since_us=since_us - since_us % US,
            blocks=finding.blocks,
        )

    def _thumbnail(self) -> str:
        now_s = time.monotonic()
        if now_s - self._thumbnail_s < THUMBNAIL_EVERY_S:
            return ""
        frame = self._reader.latest()
        if frame is None:
            return ""
        self._thumbnail_s = now_s
        picture = np.frombuffer(frame.bgr, np.uint8).reshape(frame.height_px, frame.width_px, 3)
        small = cv2.resize(picture, THUMBNAIL_SIZE, interpolation=cv2.INTER_AREA)
        quality = [int(cv2.IMWRITE_JPEG_QUALITY), THUMBNAIL_QUALITY]
        _ok, jpeg = cv2.imencode(".jpg", small, quality)
        return base64.b64encode(jpeg.tobytes()).decode("ascii")
