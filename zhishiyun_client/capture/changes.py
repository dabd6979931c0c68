"""Pictures as encoders take them, of which only what changed is converted."""

from __future__ import annotations

import threading
from typing import cast

import av
import cv2
import numpy as np
from numpy.typing import NDArray

BAND_PX = 68  # rows looked at together: half a megabyte of a full screen, an even number

BRIGHT = 219 / 255, 16.0
COLOUR = 224 / 255, 128 - 128 * 224 / 255
"""From a JPEG's range 0 to 255 to the one that is recorded: factor and offset. Source: BT.601."""

COMPONENTS = (BRIGHT, COLOUR, COLOUR)

Pixels = NDArray[np.uint8]


def changed_rows(before: Pixels, now: Pixels) -> tuple[int, int] | None:
    """From the first to the last changed band, rows [from, to); None when nothing changed.

    Looks from the top and from the bottom until something differs: 0.7 ms for a full screen that
    stands still, as much as comparing it at once.

    Args:
        before, now: uint8 of one shape (height, width, channels).
    """
    bands = bands_of(now.shape[0])
    first = next((band for band in bands if _differs(before, now, band)), None)
    if first is None:
        return None
    last = next(band for band in reversed(bands) if band == first or _differs(before, now, band))
    return first[0], last[1]


def bands_of(height_px: int) -> list[tuple[int, int]]:
    """Rows [from, to) that are looked at together."""
    return [(top, min(top + BAND_PX, height_px)) for top in range(0, height_px, BAND_PX)]


def _differs(before: Pixels, now: Pixels, band: tuple[int, int]) -> bool:
    rows = slice(*band)
    return bool(cv2.norm(before[rows].reshape(-1), now[rows].reshape(-1), cv2.NORM_INF))


class Planes:
    """A picture in I420, uint8 (height × 3 ÷ 2, width), of which bands can be written anew.

    Thread: one writes; any may ask for a small one of it.
    """

    def __init__(self, width_px: int, height_px: int) -> None:
        self.array = np.empty((height_px * 3 // 2, width_px), np.uint8)
        self._width_px, self._height_px = width_px, height_px
        self._is_filled = False
        self._lock = threading.Lock()

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height."""
        return self._width_px, self._height_px

    def take(self, jpeg: av.VideoFrame, way: int = cv2.INTER_AREA) -> bool:
        """Take over a decoded JPEG of this shape, at this size; False where it is not of these.

        Its planes are what is wanted but for range and size: a third of the work by way of BGR.

        Args:
            way: how another size is made; by area an odd one takes ten times as long.
        """
        width_px, height_px = self._width_px, self._height_px
        is_other = abs(jpeg.width * height_px - jpeg.height * width_px) > 2 * jpeg.width
        if is_other or not has_jpegs_planes(jpeg):
            return False
        with self._lock:
            for to, plane, (factor, offset) in zip(
                self._parts(), planes_of(jpeg), COMPONENTS, strict=True
            ):
                fitted = plane
                if plane.shape != to.shape:
                    fitted = cast(Pixels, cv2.resize(plane, to.shape[::-1], interpolation=way))
                cv2.convertScaleAbs(fitted, dst=to, alpha=factor, beta=offset)
            self._is_filled = True
        return True

    def small(
        self, size_px: tuple[int, int], way: int = cv2.INTER_LINEAR, to: Pixels | None = None
    ) -> Pixels:
        """At this width and height, even numbers: uint8 (height, width, 3), BGR, no padding.

        Args:
            to: where it is written; None: in memory of its own.
        """
        fitted = self
        if size_px != self.size_px:
            fitted = Planes(*size_px)
            with self._lock:
                for part, plane in zip(fitted._parts(), self._parts(), strict=True):
                    cv2.resize(plane, part.shape[::-1], dst=part, interpolation=way)
        return cast(Pixels, cv2.cvtColor(fitted.array, cv2.COLOR_YUV2BGR_I420, dst=to))

    def _parts(self) -> tuple[Pixels, Pixels, Pixels]:
        """Brightness and the two colours, as views."""
        width_px, height_px = self._width_px, self._height_px
        flat, whole = self.array.reshape(-1), width_px * height_px
        half = height_px // 2, width_px // 2
        blue, red = (
            flat[begin : begin + whole // 4].reshape(half) for begin in (whole, whole + whole // 4)
        )
        return self.array[:height_px], blue, red

    def convert(self, picture: Pixels, colour: int, rows: tuple[int, int] | None) -> None:
        """Take over a picture of this size, or only some rows of it.

        Args:
            colour: how cv2 turns it into I420, e.g. cv2.COLOR_BGR2YUV_I420.
            rows:   [from, to), even numbers; None: all of them.
        """
        with self._lock:
            if rows is None or not self._is_filled:
                cv2.cvtColor(picture, colour, dst=self.array)
                self._is_filled = True
            else:
                self._convert_rows(picture, colour, rows)

    def _convert_rows(self, picture: Pixels, colour: int, rows: tuple[int, int]) -> None:
        top, bottom = rows
        if top == bottom:
            return
        band = cv2.cvtColor(picture[top:bottom], colour).reshape(-1)
        flat, width_px, height_px = self.array.reshape(-1), self._width_px, self._height_px
        size, whole = (bottom - top) * width_px, height_px * width_px
        flat[top * width_px : bottom * width_px] = band[:size]
        at, length = top * width_px // 4, size // 4  # a plane of colour has a quarter of the rows
        for plane in range(2):
            begin = whole + plane * whole // 4 + at
            taken = size + plane * length
            flat[begin : begin + length] = band[taken : taken + length]


def has_jpegs_planes(frame: av.VideoFrame) -> bool:
    """Whether it is brightness and two colours in full range: neither grey, RGB nor a studio's."""
    return frame.format.name.startswith("yuvj")


def planes_of(frame: av.VideoFrame) -> list[Pixels]:
    """The planes of a picture in memory, without what pads their rows."""
    return [
        np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width]  # type: ignore[call-overload]
        for plane in frame.planes
    ]


def pixels_of(frame: av.VideoFrame) -> Pixels:
    """All of a picture: uint8 (height, width, 3), BGR."""
    return cast(Pixels, frame.to_ndarray(format="bgr24"))
