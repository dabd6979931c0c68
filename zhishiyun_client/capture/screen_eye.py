"""Looks at the whole virtual screen, without a copy where the system lets us (X11).

mss hands out a new copy at every grab: eight megabytes ten times a second, of which the system
must clear every page. Its buffer is read in place instead (docs/measured/recorder-cpu.md).
"""

from __future__ import annotations

import sys
from typing import Any

import mss
import numpy as np
from numpy.typing import NDArray

if sys.platform == "linux":
    from mss.linux.base import ALL_PLANES
    from mss.linux.xcbgen import ImageFormat, shm_get_image
    from mss.linux.xshmgetimage import MSSImplXShmGetImage, ShmStatus

Pixels = NDArray[np.uint8]


class ScreenEye:
    """An opened screen. Thread: the one that opened it.

    Raises on making, and in every method: ScreenShotError, OSError.
    """

    def __init__(self) -> None:
        self._mss = mss.MSS()
        self.area = dict(self._mss.monitors[0])
        self._shared: Any = None
        self._looked = False

    @property
    def is_shared(self) -> bool:
        """Whether its pictures are read in place."""
        return self._shared is not None

    def grab(self) -> Pixels:
        """The screen now: uint8 (height, width, 4), BGRA, valid until the next `grab`."""
        if self._shared is None:
            raw: bytearray | memoryview = self._mss.grab(self.area).raw
            if not self._looked:
                self._looked = True
                self._shared = _shared(self._mss)  # is known only after a grab went well
        else:
            raw = _grab_in_place(self._shared, self.area)
        shape = self.area["height"], self.area["width"], 4
        return np.frombuffer(raw, np.uint8, shape[0] * shape[1] * 4).reshape(shape)

    def close(self) -> None:
        """Let go; pictures must not be used any more."""
        self._mss.close()


if sys.platform == "linux":

    def _shared(grabber: mss.MSS) -> Any:
        """What grabs into memory shared with the X server; None: there is none, or none we know."""
        known = getattr(grabber, "_impl", None)
        if not isinstance(known, MSSImplXShmGetImage):
            return None
        has_parts = all(hasattr(known, name) for name in ("conn", "drawable", "_shmseg", "_buf"))
        return known if has_parts and known.shm_status is ShmStatus.AVAILABLE else None

    def _grab_in_place(shared: Any, area: dict[str, int]) -> memoryview:
        shm_get_image(
            shared.conn,
            shared.drawable,
            *(area["left"], area["top"], area["width"], area["height"]),
            ALL_PLANES,
            ImageFormat.ZPixmap,
            shared._shmseg,
            0,
        )
        return memoryview(shared._buf)

else:

    def _shared(grabber: mss.MSS) -> Any:
        return None

    def _grab_in_place(shared: Any, area: dict[str, int]) -> memoryview:
        raise NotImplementedError
