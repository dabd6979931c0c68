"""The newest picture of the screen as evidence beside a finding: a small JPEG."""

from __future__ import annotations

import base64
import threading

import cv2

from zhishiyun_client.capture.changes import Planes

STILL_WIDTH_PX = 640  # what is where can be seen; the recording has the rest
JPEG_QUALITY = 50  # about 30 KB


class NewestScreen:
    """What the screen's encoder got last, and when that was. Thread: any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planes: Planes | None = None
        self._at_us = 0

    def take(self, planes: Planes, at_us: int) -> None:
        """From now on this is the newest; its writer may go on writing in it."""
        with self._lock:
            self._planes, self._at_us = planes, at_us

    def forget(self) -> None:
        """There is none any more."""
        with self._lock:
            self._planes = None

    def still(self) -> dict[str, str | int] | None:
        """A JPEG of it as JSON can carry it, with the machine's monotonic time."""
        with self._lock:
            planes, at_us = self._planes, self._at_us
        if planes is None:
            return None
        width, height = planes.size_px
        width_px = min(STILL_WIDTH_PX, width)
        height_px = max(2, height * width_px // width & ~1)
        small = planes.small((width_px, height_px), cv2.INTER_AREA)
        quality = [int(cv2.IMWRITE_JPEG_QUALITY), JPEG_QUALITY]
        _ok, jpeg = cv2.imencode(".jpg", small, quality)
        return {
            "track": "screen",
            "at_us": at_us,
            "width_px": width_px,
            "height_px": height_px,
            "jpeg": base64.b64encode(jpeg.tobytes()).decode("ascii"),
        }
