"""What is wrong with a picture: black, covered, dark, frozen. Looked at once a second, on a copy.

What is told must last: a hand that passes the lens, a head that bends down and an exposure that
finds its place are no faults. Leaving a state takes a clearly better picture than entering it.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from zhishiyun_client.ports.devices import Picture

BLACK_BELOW = 0.04  # mean brightness; a covered lens gives 0.00-0.02, a dark room 0.05 and more
DARK_BELOW = 0.16  # below this YuNet loses faces (face/quality.py looks closer)
BRIGHTER_BY = 1.25  # to leave black or dark again: a lamp that flickers changes nothing
EVEN_BELOW = 0.015  # standard deviation over blocks; an empty wall has more by its light alone
FROZEN_AFTER = 4  # looks; a living sensor never gives the same picture twice
EVERY = 8  # px: each eighth row and column is enough
BLOCKS = 9  # rows and columns of the grid that shows whether a picture is of one colour

LASTS_LOOKS: Mapping[Picture, int] = {
    Picture.BLACK: 2,
    Picture.COVERED: 4,
    Picture.DARK: 4,
    Picture.FROZEN: 1,  # has lasted already
    Picture.GOOD: 2,
}
"""How many looks in a row before it is told; the first look of all is believed at once."""


class PictureEye:
    """Looks at one picture a second and remembers whether anything moves."""

    def __init__(self) -> None:
        self.brightness_share: float | None = None
        self.mood = Picture.NONE
        self._digest = self._whole = 0
        self._same = 0
        self._next = Picture.NONE
        self._next_looks = 0

    def look(self, bgr: NDArray[np.uint8]) -> Picture:
        """Judge a picture, uint8 (height, width, 3)."""
        small = np.ascontiguousarray(bgr[::EVERY, ::EVERY])
        self._compare(bgr, zlib.crc32(small.data))
        self.brightness_share = float(small.mean()) / 255
        self._lean_to(self._judge(small, self.brightness_share))
        return self.mood

    def lose(self) -> None:
        """There is no picture any more."""
        self.brightness_share, self.mood = None, Picture.NONE
        self._digest = self._whole = self._same = self._next_looks = 0

    def _compare(self, bgr: NDArray[np.uint8], digest: int) -> None:
        """Count looks at one and the same picture; only where the copy is the same, all of it."""
        if digest != self._digest:
            self._digest, self._whole, self._same = digest, 0, 0
            return
        whole = zlib.crc32(np.ascontiguousarray(bgr).data)
        self._same = self._same + 1 if whole == self._whole else 1
        self._whole = whole

    def _judge(self, small: NDArray[np.uint8], brightness_share: float) -> Picture:
        """What this look alone says."""
        leave = BRIGHTER_BY if self.mood in (Picture.BLACK, Picture.DARK) else 1.0
        if brightness_share < BLACK_BELOW * (leave if self.mood is Picture.BLACK else 1.0):
            return Picture.BLACK
        if self._same >= FROZEN_AFTER:
            return Picture.FROZEN
        if evenness(small) < EVEN_BELOW:
            return Picture.COVERED
        return Picture.DARK if brightness_share < DARK_BELOW * leave else Picture.GOOD

    def _lean_to(self, mood: Picture) -> None:
        """Change one's mind when it lasts."""
        if mood is self.mood or self.mood is Picture.NONE:
            self.mood, self._next_looks = mood, 0
            return
        self._next_looks = self._next_looks + 1 if mood is self._next else 1
        self._next = mood
        if self._next_looks >= LASTS_LOOKS[mood]:
            self.mood, self._next_looks = mood, 0


def evenness(small: NDArray[np.uint8]) -> float:
    """How much brightness differs over a picture, 0…1: its standard deviation over a grid."""
    grey = small.mean(axis=2) if small.ndim == 3 else small
    rows = np.array_split(grey, BLOCKS, axis=0)
    means = [block.mean() for row in rows for block in np.array_split(row, BLOCKS, axis=1)]
    return float(np.std(means)) / 255
