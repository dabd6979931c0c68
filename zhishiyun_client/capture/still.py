"""One small picture of the screen, as evidence beside a finding."""

from __future__ import annotations

import base64
from dataclasses import dataclass

import cv2
import numpy as np

STILL_WIDTH_PX = 640  # what is where can be seen; the recording has the rest
JPEG_QUALITY = 50  # about 30 KB


@dataclass(frozen=True, slots=True)
class ScreenShot:
    """The newest grab of the screen: BGRA bytes that nobody changes any more."""

    raw: bytes | bytearray
    width_px: int
    height_px: int
    at_us: int


def still_of(shot: ScreenShot) -> dict[str, str | int]:
    """A JPEG of it as JSON can carry it, with the machine's monotonic time of the grab."""
    whole = np.frombuffer(shot.raw, np.uint8).reshape(shot.height_px, shot.width_px, 4)
    width_px = min(STILL_WIDTH_PX, shot.width_px)
    height_px = max(1, shot.height_px * width_px // shot.width_px)
    small = cv2.resize(whole[:, :, :3], (width_px, height_px), interpolation=cv2.INTER_AREA)
    _ok, jpeg = cv2.imencode(".jpg", small, [int(cv2.IMWRITE_JPEG_QUALITY), JPEG_QUALITY])
    return {
        "track": "screen",
        "at_us": shot.at_us,
        "width_px": width_px,
        "height_px": height_px,
        "jpeg": base64.b64encode(jpeg.tobytes()).decode("ascii"),
    }
