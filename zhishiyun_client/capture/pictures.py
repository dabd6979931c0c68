"""What is wrong with a picture: black, dark, frozen. Looked at once a second, on a small copy."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

from zhishiyun_client.ports.devices import Picture

BLACK_BELOW = 0.04  # mean brightness; a covered lens gives 0.00–0.02, a dark room 0.05 and more
DARK_BELOW = 0.16  # below this YuNet loses faces (face/quality.py looks closer)
FROZEN_AFTER = 4  # looks; a living sensor never gives the same picture twice
EVERY = 8  # px: each eighth row and column is enough


class PictureEye:
    """Looks at one picture a second and remembers whether anything moves."""

    def __init__(self) -> None:
        self.brightness_share: float | None = None
        self.mood = Picture.NONE
        self._digest = 0
        self._same = 0

    def look(self, bgr: NDArray[np.uint8]) -> Picture:
        """Judge a picture, uint8 (height, width, 3)."""
        small = np.ascontiguousarray(bgr[::EVERY, ::EVERY])
        digest = zlib.crc32(small.data)
        self._same = self._same + 1 if digest == self._digest else 0
        self._digest = digest
        self.brightness_share = float(small.mean()) / 255
        self.mood = self._judge(self.brightness_share)
        return self.mood

    def lose(self) -> None:
        """There is no picture any more."""
        self.brightness_share, self.mood, self._same = None, Picture.NONE, 0

    def _judge(self, brightness_share: float) -> Picture:
        if brightness_share < BLACK_BELOW:
            return Picture.BLACK
        if self._same >= FROZEN_AFTER:
            return Picture.FROZEN
        return Picture.DARK if brightness_share < DARK_BELOW else Picture.GOOD
