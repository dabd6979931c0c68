"""One opened camera: pictures by `grab` and `retrieve`, so that what is not kept is not decoded."""

from __future__ import annotations

import logging
import sys
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from zhishiyun_client.capture.cameras import backend, camera_index, holder_of, is_film
from zhishiyun_client.ports.devices import Device
from zhishiyun_client.runtime.clock import monotonic_us
from zhishiyun_protocol.errors import Fixable

LOG = logging.getLogger(__name__)
OPEN_WITHIN_MS = 5000
READ_WITHIN_MS = 2000  # then the device is looked at again: noticed within seconds (R113)
TOLD_WITHIN_US = 1_000_000  # a driver's time farther back is of another clock
ASK_FPS = 30  # cameras give 30 in MJPEG; half of it is left out undecoded


class OpenCamera:
    """A camera that gives pictures. Thread: the one that opened it.

    Raises on making:
        Fixable: DEVICE_BUSY (another program has it; `held_by` in the facts), DEVICE_GONE.
    """

    def __init__(self, device: Device, width_px: int, height_px: int) -> None:
        self.device = device
        self._capture = _open(device, width_px, height_px)
        self._picture: NDArray[np.uint8] | None = None
        self._driver_tells = sys.platform == "linux" and not is_film(device.id)
        if not self._capture.grab():
            self._capture.release()
            raise _unusable(device)
        ok, picture = self._capture.retrieve()
        if not ok or picture.ndim != 3:
            self._capture.release()
            raise _unusable(device)
        self.height_px, self.width_px = picture.shape[:2]

    def grab(self) -> bool:
        """Wait for the next picture, undecoded; False when none came in time."""
        return bool(self._capture.grab())

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

    def retrieve(self) -> NDArray[np.uint8] | None:
        """The grabbed picture, uint8 (height, width, 3) BGR, valid until the next `retrieve`."""
        ok, picture = self._capture.retrieve(self._picture)
        if not ok:
            return None
        self._picture = cast(NDArray[np.uint8], picture)
        return self._picture

    def close(self) -> None:
        """Let the camera go."""
        self._capture.release()


def _open(device: Device, width_px: int, height_px: int) -> cv2.VideoCapture:
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
    capture = cv2.VideoCapture(camera_index(device.id), backend())
    if capture.isOpened():
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, width_px)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height_px)
        capture.set(cv2.CAP_PROP_FPS, ASK_FPS)
    return capture


def _unusable(device: Device) -> Fixable:
    holder = holder_of(device.id)
    if holder:
        return Fixable(
            "DEVICE_BUSY",
            f"The camera is used by {holder}. Close that program.",
            f"摄像头正被“{holder}”占用，请关闭该程序。",
            held_by=holder,
        )
    return Fixable(
        "DEVICE_GONE",
        "The camera gives no picture. Check that it is plugged in and no other program uses it.",
        "摄像头没有画面，请检查是否插好、是否被其他程序占用。",
    )
