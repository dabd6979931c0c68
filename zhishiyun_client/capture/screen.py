"""The screen's worker: the whole virtual screen, ten times a second, encoded when it changed."""

from __future__ import annotations

import logging
import threading

import cv2
import mss
from mss.exception import ScreenShotError

from zhishiyun_client.capture.encoder_choice import EncoderShelf
from zhishiyun_client.capture.encoders import SCREEN_ENCODERS, PictureFormat
from zhishiyun_client.capture.picture_track import SCREEN_KEY_EVERY_US, PictureTrack, Source
from zhishiyun_client.capture.rungs import Rung, screen_fps
from zhishiyun_client.capture.screen_changes import ScreenChanges
from zhishiyun_client.capture.screen_eye import ScreenEye
from zhishiyun_client.capture.still import NewestScreen
from zhishiyun_client.capture.tick import Ticker
from zhishiyun_client.capture.track_worker import ENCODER_ERRORS, TrackWorker
from zhishiyun_client.ports.recording import Book
from zhishiyun_client.runtime.clock import monotonic_us
from zhishiyun_client.runtime.worker import Report
from zhishiyun_protocol.evidence.contents import Cause
from zhishiyun_protocol.evidence.layout import Track

LOG = logging.getLogger(__name__)
REST_US = 1_000_000  # an unchanged screen is kept once a second all the same
STANDS_US = 1_200_000
LOOK_AT_ALL_EVERY_US = 1_000_000  # where the system tells what is drawn; it may be wrong
GEOMETRY_EVERY_US = 5_000_000  # a monitor may be plugged in or turned
IDLE_S = 0.5
AGAIN_S = 1.0
MOST_PX = 2560 * 1600  # larger desktops are recorded at half their size
NAME = "screen"
NOTHING = (0, 0)  # rows that changed


class ScreenWorker(TrackWorker):
    """Thread "screen": tick → grab → compare → encode, write. Idle until it records."""

    def __init__(
        self, report: Report, shelf: EncoderShelf | None = None, demonstration: bool = False
    ) -> None:
        super().__init__(Track.SCREEN, "screen", report, shelf)
        self._demonstration = demonstration
        self._eye: ScreenEye | None = None
        self._ticker = Ticker(self._wanted.screen_fps)
        self._track: PictureTrack | None = None
        self.newest = NewestScreen()
        self._changes = ScreenChanges()
        self._kept_us = 0
        self._wants_rate = False
        self._measured_us = 0
        self._looked_us = 0

    def turn(self, stop: threading.Event) -> None:
        """Wait for the tick and take one picture."""
        book = self._book
        if book is None:
            self._rest()
            return
        if self._eye is None and not self._open():
            stop.wait(AGAIN_S)
            return
        if self._wants_rate:
            self._wants_rate = False
            self._ticker.change_rate(screen_fps(self._rung, self._wanted))
        wait_s = self._ticker.wait_s(monotonic_us())
        if wait_s and stop.wait(wait_s):
            return
        began_us, missed = monotonic_us(), self._ticker.missed
        self._ticker.take(began_us)
        if self._ticker.missed > missed:
            book.explain(self.track, Cause.OVERLOAD)  # nobody but we can be late here
        self._shoot()
        self._worked(began_us, self._ticker.missed)

    def use(self, rung: Rung) -> None:
        """Look at the screen as often as this rung says; its stream goes on."""
        super().use(rung)
        self._wants_rate = True

    def leave(self) -> None:
        """Let screen and encoder go."""
        self._close_track()
        self._close_eye()

    def _rest(self) -> None:
        if not self._finished.is_set():
            self._close_track()
            self._close_eye()
            self._finished.set()
        self._wake.wait(IDLE_S)
        self._wake.clear()

    def _open(self) -> bool:
        try:
            self._eye = ScreenEye()
        except (ScreenShotError, OSError) as error:
            LOG.info("no screen: %s", error)
            self._close_eye()
            self._gone("DEVICE_GONE" if self._had_device else "NO_DEVICE")
            return False
        self._measured_us = monotonic_us()
        self._ticker = Ticker(screen_fps(self._rung, self._wanted))
        self._opened(
            NAME,
            NAME,
            self._demonstration,
            width_px=self._eye.area["width"],
            height_px=self._eye.area["height"],
            fps=float(self._wanted.screen_fps),
        )
        return True

    def _shoot(self) -> None:
        eye, book = self._eye, self._book
        if eye is None or book is None:
            return
        now_us = monotonic_us()
        try:
            if now_us - self._measured_us >= GEOMETRY_EVERY_US:
                self._measure(eye)
            told = eye.drawn()
            looks_at_all = self._track is None or now_us - self._looked_us >= LOOK_AT_ALL_EVERY_US
            # Half a tick early is in time: the next look may be half a second later.
            rests = now_us - self._kept_us < REST_US - self._ticker.step_us // 2
            if told is None and rests and not looks_at_all:
                self._alive()
                return
            picture = eye.grab()
        except (ScreenShotError, OSError):
            self._close_eye()
            self._gone("DEVICE_GONE")
            return
        self._alive()
        if looks_at_all:
            self._looked_us = now_us
        rows = self._changes.look(picture, None if looks_at_all else told or NOTHING)
        if rows is not None and looks_at_all and self._track is not None:
            eye.saw(rows)
        if rows is None and rests:
            return
        rows = rows or NOTHING
        self._kept_us = now_us
        self._changes.take(picture, rows)
        try:
            if self._track is None:
                self._track = self._new_track(book, eye)
            self._track.keep(picture, now_us, rows)
            self.newest.take(self._track.planes, now_us)
        except ENCODER_ERRORS as error:
            self._encoder_failed(error, self._track)
            self._close_track()
        else:
            missed = self._ticker.missed + self._track.refused
            self._stand(frames=self._track.frames, dropped=missed)

    def _measure(self, eye: ScreenEye) -> None:
        """Look whether the desktop has another size now; mss remembers the one it began with."""
        self._measured_us = monotonic_us()
        with mss.MSS() as fresh:
            area = dict(fresh.monitors[0])
        if area != eye.area:
            raise ScreenShotError("the desktop has another size")

    def _new_track(self, book: Book, eye: ScreenEye) -> PictureTrack:
        width_px, height_px = eye.area["width"], eye.area["height"]
        if width_px * height_px > MOST_PX:
            width_px, height_px = width_px // 2, height_px // 2
        choice = self._shelf.choose(SCREEN_ENCODERS, self._wanted)
        source = Source(
            track=Track.SCREEN,
            colour=cv2.COLOR_BGRA2YUV_I420,
            key_every_us=SCREEN_KEY_EVERY_US,
            encoder=choice.encoder,
            why=choice.why,
            demonstration=self._demonstration,
        )
        wanted = PictureFormat(width_px & ~1, height_px & ~1, self._wanted.screen_fps)
        return PictureTrack(book, source, wanted, STANDS_US)

    def _close_track(self) -> None:
        if self._track is not None:
            self._track.close()
            self._track = None
        self.newest.forget()
        self._changes.forget()

    def _close_eye(self) -> None:
        if self._eye is not None:
            self._eye.close()
            self._eye = None
