"""One opened camera: pictures by `grab` and `retrieve`, so that what is not kept is not decoded."""

from __future__ import annotations

import logging
import sys
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from zhishiyun_client.capture.camera_formats import (
    ASKED_KIND,
    MEASURES_US,
    SETTLES_US,
    FormatSearch,
    Given,
    Known,
    KnownFormats,
    RateMeter,
    Wish,
)
from zhishiyun_client.capture.camera_holders import why_unusable
from zhishiyun_client.capture.cameras import backend, camera_number, is_film
from zhishiyun_client.capture.taken import CameraPicture, JpegDecoder, PixelPicture
from zhishiyun_client.ports.devices import Device
from zhishiyun_client.runtime.clock import monotonic_us
from zhishiyun_protocol.errors import Fixable

LOG = logging.getLogger(__name__)
OPEN_WITHIN_MS = 5000
READ_WITHIN_MS = 2000  # then the device is looked at again: noticed within seconds (R113)
TOLD_WITHIN_US = 1_000_000  # a driver's time farther back is of another clock
ASK_FPS = 30  # cameras give 30 in MJPEG; half of it is left out undecoded
WAITS_IN_RETRIEVE = frozenset({cv2.CAP_DSHOW})
"""Where OpenCV's `grab` says yes at once and `retrieve` waits, a second at most, for a picture that
the system has decoded already (videoInput, `getPixels`). Else the worker would spin."""
TRIES_TO_READ = 2  # of a second each: READ_WITHIN_MS
TRIES_TO_OPEN = 5  # some cameras take seconds to wake
ENOUGH_FPS = 15.0  # what the best rung keeps: a slower plan does not make a camera slower

Pixels = NDArray[np.uint8]


class OpenCamera:
    """A camera that gives pictures. Thread: the one that opened it.

    While the first pictures are used their rate is measured; where it is too low a smaller size is
    asked for, which costs half a second each time, once for a camera (`KnownFormats`).

    format: the picture and why it was chosen; "" while its rate is still being measured
    was_reopened: it was asked for another size, and some pictures are missing; to be taken back

    Raises on making:
        Fixable: DEVICE_BUSY (another program has it; `held_by` in the facts), DEVICE_FORBIDDEN
            (the system's settings), DEVICE_GONE.
    """

    def __init__(self, device: Device, width_px: int, height_px: int, known: KnownFormats) -> None:
        self.device = device
        self.format = ""
        self.was_reopened = False
        self._wanted = (width_px, height_px)
        self._known = known
        self._search: FormatSearch | None = None
        settled = known.of(device.id, width_px, height_px)
        if settled is not None:
            self.format = settled.why
        elif not is_film(device.id):
            self._search = FormatSearch(width_px, height_px, ENOUGH_FPS)
        wish = settled.wish if settled else Wish(ASKED_KIND, width_px, height_px)
        self._pixels: Pixels | None = None
        self._taken: CameraPicture | None = None
        self._jpegs: JpegDecoder | None = None
        self._driver_tells = sys.platform == "linux" and not is_film(device.id)
        self._open(wish)

    def grab(self) -> bool:
        """Wait for the next picture, undecoded; False when none came in time."""
        if not self._wait():
            return False
        now_us = monotonic_us()
        self._rate.tick(now_us)
        if self._search is not None:
            return self._measure(self._search, now_us)
        return True

    @property
    def fps(self) -> float:
        """Pictures a second that it gives, measured."""
        return self._rate.fps

    def taken_us(self) -> int:
        """When the grabbed picture was taken, monotonic µs.

        V4L2 stamps every picture with this very clock: right however late we come to fetch it
        (measured on two busy cores: without it up to 32 ms off). Elsewhere it is now.
        """
        now_us = monotonic_us()
        if not self._driver_tells:
            return now_us
        told_us = round(self._capture.get(cv2.CAP_PROP_POS_MSEC) * 1000)
        return told_us if 0 <= now_us - told_us <= TOLD_WITHIN_US else now_us

    def retrieve(self) -> CameraPicture | None:
        """The grabbed picture, valid until the next `retrieve`."""
        if self._waits_in_retrieve or self._take(*self._capture.retrieve(self._pixels)):
            return self._taken
        return None

    def close(self) -> None:
        """Let the camera go."""
        self._capture.release()

    def _wait(self, tries: int = TRIES_TO_READ) -> bool:
        """Let the next picture come."""
        if not self._waits_in_retrieve:
            return bool(self._capture.grab())
        return any(self._take(*self._capture.read(self._pixels)) for _ in range(tries))

    def _take(self, ok: bool, picture: NDArray[Any]) -> bool:
        if ok and self._jpegs is not None:
            self._taken = self._jpegs.decode(picture)
            return self._taken is not None
        if ok:
            self._pixels = as_bgr(picture)
            self._taken = PixelPicture(self._pixels)
        return ok

    def _first(self) -> CameraPicture | None:
        """The first picture; as a JPEG where the driver hands one over that can be decoded."""
        self._jpegs = JpegDecoder() if self._hands_over_jpegs() else None
        if not (self._capture.isOpened() and self._wait(TRIES_TO_OPEN)):
            return None
        picture = self.retrieve()
        if picture is None and self._jpegs is not None:
            LOG.info("camera: its JPEGs are left to OpenCV")
            self._jpegs = None
            self._capture.set(cv2.CAP_PROP_CONVERT_RGB, 1)
            picture = self.retrieve() if self._wait(TRIES_TO_OPEN) else None
        return picture

    def _hands_over_jpegs(self) -> bool:
        """Only V4L2 does, when told so; elsewhere the system decodes them by itself."""
        if sys.platform != "linux" or is_film(self.device.id) or self._waits_in_retrieve:
            return False
        is_jpeg = _kind_of(self._capture) == ASKED_KIND
        return is_jpeg and bool(self._capture.set(cv2.CAP_PROP_CONVERT_RGB, 0))

    def _open(self, wish: Wish) -> None:
        self._capture = _capture(self.device, wish)
        self._rate = RateMeter()
        self._opened_us = monotonic_us()
        self._waits_in_retrieve = not is_film(self.device.id) and backend() in WAITS_IN_RETRIEVE
        picture = self._first()
        if picture is None:
            self._capture.release()
            raise why_unusable(self.device)
        self.width_px, self.height_px = picture.size_px

    def _measure(self, search: FormatSearch, now_us: int) -> bool:
        """Once enough has come, settle or ask for another format."""
        running_us = now_us - self._opened_us
        if running_us < SETTLES_US:
            self._rate = RateMeter()
        if running_us < SETTLES_US + MEASURES_US:
            return True
        given = Given(_kind_of(self._capture), self.width_px, self.height_px, self.fps)
        asked = search.wish
        if search.learn(given):
            self._settled(search)
        if search.wish == asked:
            return True
        LOG.info("camera: %s; asking for %s", given, search.wish)
        return self._change(search)

    def _change(self, search: FormatSearch) -> bool:
        """Open the camera anew with the search's wish; False when it gives nothing then."""
        self._capture.release()
        self.was_reopened = True
        try:
            self._open(search.wish)
        except Fixable as error:
            LOG.warning("camera: no picture after asking for %s: %s", search.wish, error)
            search.give_up()
            self._settled(search)
            return False
        return True

    def _settled(self, search: FormatSearch) -> None:
        self._search, self.format = None, search.why
        self._known.keep(self.device.id, *self._wanted, Known(search.wish, search.why))
        LOG.info("camera: %s", search.why)


def as_bgr(picture: NDArray[Any]) -> Pixels:
    """Whatever a driver gives, uint8 (height, width, 3): infrared cameras give grey, or 16 bits."""
    if picture.dtype != np.uint8:
        picture = cv2.convertScaleAbs(picture, alpha=255 / max(int(picture.max()), 1))
    channels = 1 if picture.ndim == 2 else picture.shape[2]
    if channels == 1:
        picture = cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
    elif channels == 4:
        picture = cv2.cvtColor(picture, cv2.COLOR_BGRA2BGR)
    return cast(Pixels, picture)


def _capture(device: Device, wish: Wish) -> cv2.VideoCapture:
    if is_film(device.id):
        limits = [
            cv2.CAP_PROP_OPEN_TIMEOUT_MSEC,
            OPEN_WITHIN_MS,
            cv2.CAP_PROP_READ_TIMEOUT_MSEC,
            READ_WITHIN_MS,
            cv2.CAP_PROP_N_THREADS,
            1,
        ]
        return cv2.VideoCapture(device.id, cv2.CAP_FFMPEG, limits)
    number = camera_number(device.id)
    if number is None:
        raise why_unusable(device)
    capture = cv2.VideoCapture(number, backend())
    if capture.isOpened():
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*wish.kind))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, wish.width_px)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, wish.height_px)
        capture.set(cv2.CAP_PROP_FPS, ASK_FPS)
    return capture


def _kind_of(capture: cv2.VideoCapture) -> str:
    """The driver's four letters; "" where it tells none."""
    code = int(capture.get(cv2.CAP_PROP_FOURCC))
    letters = bytes(code >> shift & 0xFF for shift in (0, 8, 16, 24))
    return letters.decode("ascii").strip() if code > 0 and letters.isalnum() else ""
