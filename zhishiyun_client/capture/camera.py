"""The camera's worker: opens, films, previews, and opens again whatever happens (R110–R113)."""

from __future__ import annotations

import threading

import cv2
import numpy as np

from zhishiyun_client.capture.camera_device import OpenCamera
from zhishiyun_client.capture.camera_formats import KnownFormats
from zhishiyun_client.capture.cameras import find_camera, is_listed, list_cameras
from zhishiyun_client.capture.changes import Planes
from zhishiyun_client.capture.encoder_choice import EncoderShelf
from zhishiyun_client.capture.encoders import CAMERA_ENCODERS, PictureFormat
from zhishiyun_client.capture.picture_track import CAMERA_KEY_EVERY_US, PictureTrack, Source
from zhishiyun_client.capture.pictures import PictureEye
from zhishiyun_client.capture.preview_memory import HEIGHT_PX, WIDTH_PX, PreviewMemory
from zhishiyun_client.capture.rungs import camera_format
from zhishiyun_client.capture.silence import was_ours
from zhishiyun_client.capture.taken import CameraPicture
from zhishiyun_client.capture.tick import Decimator
from zhishiyun_client.capture.track_worker import AGAIN_S, ENCODER_ERRORS, TrackWorker
from zhishiyun_client.ports.devices import Device
from zhishiyun_client.ports.recording import Book
from zhishiyun_client.runtime.clock import monotonic_us
from zhishiyun_client.runtime.worker import Report
from zhishiyun_protocol.errors import Fixable
from zhishiyun_protocol.evidence.contents import Cause
from zhishiyun_protocol.evidence.layout import Track

LOOK_EVERY_US = 1_000_000
OTHER_AFTER = 4  # failed tries at the chosen camera before another one is taken
IDLE_S = 0.5


class CameraWorker(TrackWorker):
    """Thread "camera": grab → decode every second one → preview, encode, write.

    Pictures wait nowhere between grabbing and encoding: what comes too late is not grabbed.
    """

    def __init__(
        self, preview: PreviewMemory, report: Report, shelf: EncoderShelf | None = None
    ) -> None:
        super().__init__(Track.CAMERA, "camera", report, shelf)
        self.eye = PictureEye()
        self._preview = preview
        self._wants_preview = True
        self._chosen: str | None = None
        self._camera: OpenCamera | None = None
        self._formats = KnownFormats()
        self._camera_chosen: str | None = None
        self._failures = 0
        self._track: PictureTrack | None = None
        self._track_rung = self._rung
        self._decimator = Decimator(self._wanted.camera_fps)
        self._looked_us = 0
        self._kept_us = self._busy_us = 0

    def choose(self, camera_id: str | None) -> None:
        """Use this camera from now on; "" the first there is, None: none. Thread: any."""
        self._chosen = camera_id
        self._wake.set()

    def show_preview(self, wanted: bool) -> None:
        """Whether anybody looks at the preview. Thread: any."""
        self._wants_preview = wanted

    def turn(self, stop: threading.Event) -> None:
        """One picture, or one try to get a camera."""
        self._follow_wishes()
        if self._chosen is None and self._book is None:
            self._wake.wait(IDLE_S)
            self._wake.clear()
        elif self._camera is None and not self._open():
            stop.wait(AGAIN_S)
        elif self._camera is not None:
            self._film(self._camera)

    def leave(self) -> None:
        """Let camera and encoder go."""
        self._close_track()
        self._close_camera()

    # ── the device ──────────────────────────────────────────────────

    def _follow_wishes(self) -> None:
        if self._camera is not None and self._camera_chosen != self._chosen:
            self._close_camera()
        if self._book is None and not self._finished.is_set():
            self._close_track()
            self._finished.set()

    def _open(self) -> bool:
        device = self._next_device()
        if device is None:
            self._gone("NO_DEVICE")
            return False
        wanted = self._wanted
        try:
            size = wanted.camera_width_px, wanted.camera_height_px
            camera = OpenCamera(device, *size, self._formats)
        except Fixable as error:
            self._failures += 1
            self._gone(error.code, str(error.facts.get("held_by", "")))
            return False
        self._camera, self._camera_chosen, self._failures = camera, self._chosen, 0
        self._opened(
            device.name,
            device.id,
            device.demonstration,
            width_px=camera.width_px,
            height_px=camera.height_px,
            fps=0.0,
            format=camera.format,
        )
        return True

    def _next_device(self) -> Device | None:
        """The chosen camera; after some failures in turn the others that are there."""
        chosen = find_camera(self._chosen or "")
        if chosen is not None and self._failures < OTHER_AFTER:
            return chosen
        others = [camera for camera in list_cameras() if camera != chosen]
        candidates = ([chosen] if chosen else []) + others
        return candidates[self._failures % len(candidates)] if candidates else None

    def _close_camera(self) -> None:
        if self._camera is not None:
            self._camera.close()
            self._camera = None
        self._decimator.forget()
        self.eye.lose()
        self._preview.clear()

    # ── the pictures ────────────────────────────────────────────────

    def _film(self, camera: OpenCamera) -> None:
        if not camera.grab():
            self._close_camera()
            self._gone("NO_FRAMES" if is_listed(camera.device.id) else "DEVICE_GONE")
            return
        now_us = camera.taken_us()
        if camera.was_reopened:
            self._was_reopened(camera)
        if camera.format != self._status.format:
            self._format_known(camera)
        if not self._decimator.wants(now_us):
            return
        picture = camera.retrieve()
        if picture is None:
            return
        self._alive()
        book, came_us = self._book, monotonic_us()
        if book is not None:
            if was_ours(now_us - self._kept_us, self._busy_us + came_us - now_us):
                book.explain(self.track, Cause.OVERLOAD)
            self._keep(book, picture, now_us)
        self._kept_us = now_us
        if self._wants_preview:
            kept = self._track if book is not None else None
            self._show(kept.planes if kept is not None else picture)
        if now_us - self._looked_us >= LOOK_EVERY_US:
            self._looked_us = now_us
            self.eye.look(picture.whole())
            self._stand(fps=round(camera.fps, 1))
        self._worked(now_us, self._decimator.missed)
        self._busy_us = monotonic_us() - came_us

    def _was_reopened(self, camera: OpenCamera) -> None:
        """What is missing since is a gap with its cause, and no fault of the computer."""
        camera.was_reopened = False
        self._decimator.forget()
        if self._book is not None:
            self._book.blame(self.track, Cause.DEVICE_CHANGED)

    def _format_known(self, camera: OpenCamera) -> None:
        """Size and rate are measured: what was chosen, and why, goes into the log."""
        size = {"width_px": camera.width_px, "height_px": camera.height_px}
        self._stand(format=camera.format, fps=round(camera.fps, 1), **size)
        self._note(self._event("format"))

    def _keep(self, book: Book, picture: CameraPicture, now_us: int) -> None:
        try:
            track = self._fitting_track(book, picture)
            track.keep(picture.content, now_us)
        except ENCODER_ERRORS as error:
            self._encoder_failed(error, self._track)
            self._close_track()
        else:
            missed = self._decimator.missed + track.refused
            self._stand(frames=track.frames, dropped=missed)

    def _fitting_track(self, book: Book, picture: CameraPicture) -> PictureTrack:
        """The track, on the rung that holds now; a change of rung begins a new stream in it."""
        rung = self._rung
        if self._track is not None and rung is self._track_rung:
            return self._track
        wanted, stands_us = camera_format(rung, self._wanted, *picture.size_px)
        if self._track is None:
            self._track = self._new_track(book, wanted, stands_us)
        elif wanted != self._track.format:
            self._track.change(wanted, stands_us)
        self._decimator.change_rate(wanted.fps)
        self._track_rung = rung
        return self._track

    def _new_track(self, book: Book, wanted: PictureFormat, stands_us: int) -> PictureTrack:
        self._decimator = Decimator(wanted.fps)
        choice = self._shelf.choose(CAMERA_ENCODERS, self._wanted)
        source = Source(
            track=Track.CAMERA,
            colour=cv2.COLOR_BGR2YUV_I420,
            key_every_us=CAMERA_KEY_EVERY_US,
            encoder=choice.encoder,
            why=choice.why,
            demonstration=self._status.demonstration,
        )
        return PictureTrack(book, source, wanted, stands_us)

    def _close_track(self) -> None:
        if self._track is not None:
            self._track.close()
            self._track = None

    def _show(self, picture: CameraPicture | Planes) -> None:
        """What is recorded is a third of the work: it has been made already."""
        width_px, height_px = picture.size_px
        scale = min(WIDTH_PX / width_px, HEIGHT_PX / height_px)
        size = (round(width_px * scale) & ~1, round(height_px * scale) & ~1)
        if isinstance(picture, Planes):
            planes, shape = picture, (size[1], size[0], 3)
            self._preview.make(
                *size,
                lambda slot: planes.small(size, to=np.frombuffer(slot, np.uint8).reshape(shape)),
            )
        else:
            self._preview.put(picture.small(size).data.cast("B"), *size)
