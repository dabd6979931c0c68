"""The newest picture of the screen, and a small one of it as evidence beside a finding."""

from __future__ import annotations

import base64
import threading

import cv2
import numpy as np
from numpy.typing import NDArray

from zhishiyun_client.capture.changes import changed_rows

STILL_WIDTH_PX = 640  # what is where can be seen; the recording has the rest
JPEG_QUALITY = 50  # about 30 KB

Pixels = NDArray[np.uint8]
Rows = tuple[int, int]


class NewestScreen:
    """Our own copy of the screen, of which only what changed is written. Thread: see methods."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pixels: Pixels | None = None
        self._at_us = 0

    def changed(self, picture: Pixels) -> Rows | None:
        """The rows [from, to) that are other ones now; None: none are. Thread: the screen's."""
        before = self._pixels
        if before is None or before.shape != picture.shape:
            return 0, picture.shape[0]
        return changed_rows(before, picture)

    def take(self, picture: Pixels, rows: Rows, at_us: int) -> None:
        """Take over these rows, grabbed at `at_us`. Thread: the screen's."""
        with self._lock:
            if self._pixels is None or self._pixels.shape != picture.shape:
                self._pixels = picture.copy()
            else:
                self._pixels[rows[0] : rows[1]] = picture[rows[0] : rows[1]]
            self._at_us = at_us

    def forget(self) -> None:
        """The next picture is the first. Thread: any."""
        with self._lock:
            self._pixels = None

    def still(self) -> dict[str, str | int] | None:
        """A JPEG of it as JSON can carry it, with the machine's monotonic time. Thread: any."""
        with self._lock:
            if self._pixels is None:
                return None
            at_us, (height, width) = self._at_us, self._pixels.shape[:2]
            width_px = min(STILL_WIDTH_PX, width)
            height_px = max(1, height * width_px // width)
            small = cv2.resize(self._pixels, (width_px, height_px), interpolation=cv2.INTER_AREA)
        quality = [int(cv2.IMWRITE_JPEG_QUALITY), JPEG_QUALITY]
        _ok, jpeg = cv2.imencode(".jpg", np.ascontiguousarray(small[:, :, :3]), quality)
        return {
            "track": "screen",
            "at_us": at_us,
            "width_px": width_px,
            "height_px": height_px,
            "jpeg": base64.b64encode(jpeg.tobytes()).decode("ascii"),
        }
