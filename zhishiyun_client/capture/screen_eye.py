"""Looks at the whole virtual screen, without a copy where the system lets us (X11).

mss hands out a new copy at every grab: eight megabytes ten times a second, of which the system
must clear every page. Its buffer is read in place instead (docs/measured/recorder-cpu.md).
"""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass
from typing import Any

import mss
import numpy as np
from numpy.typing import NDArray

from zhishiyun_client.capture.changes import BAND_PX
from zhishiyun_client.capture.x_damage import Rows, XDamage

if sys.platform == "linux":
    from mss.linux.base import ALL_PLANES
    from mss.linux.xcbgen import ImageFormat, shm_get_image
    from mss.linux.xshmgetimage import MSSImplXShmGetImage, ShmStatus

LOG = logging.getLogger(__name__)

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class _Unexplained:
    """Rows of a picture that changed, of which only some had been told before it was grabbed."""

    changed: Rows
    told: Rows | None


class ScreenEye:
    """An opened screen. Thread: the one that opened it.

    Raises on making, and in every method: ScreenShotError, OSError.
    """

    def __init__(self) -> None:
        self._mss = mss.MSS()
        self.area = dict(self._mss.monitors[0])
        self._shared: Any = None
        self._looked = False
        self._damage: XDamage | None = None
        self._told: Rows | None = None
        self._unexplained: _Unexplained | None = None

    @property
    def is_shared(self) -> bool:
        """Whether its pictures are read in place."""
        return self._shared is not None

    @property
    def is_told(self) -> bool:
        """Whether the system says where something was drawn, and has been right so far."""
        return self._damage is not None

    def drawn(self) -> Rows | None:
        """Rows [from, to) in which something may have been drawn since the last call; None: none.

        To be called before `grab`, whose picture has all of it.
        """
        everywhere = 0, int(self.area["height"])
        if self._damage is None:
            return everywhere
        told, before = self._damage.drawn(), self._unexplained
        self._told, self._unexplained = told, None
        if before is None or _covers(_together(told, before.told), before.changed):
            return told
        LOG.warning("screen: a change was not told; from now on all of it is looked at")
        self._damage = None
        return everywhere

    def saw(self, changed: Rows) -> None:
        """All of the picture was looked at, and this changed.

        What had not been told may have been drawn between `drawn` and `grab`: then it is told next.
        """
        if self._damage is not None and not _covers(self._told, changed):
            self._unexplained = _Unexplained(changed, self._told)

    def grab(self) -> Pixels:
        """The screen now: uint8 (height, width, 4), BGRA, valid until the next `grab`."""
        if not self._looked:
            self._mss.grab(self.area)  # whether memory is shared is known only afterwards
            self._looked, self._shared = True, _shared(self._mss)
            self._damage = _damage(self._shared)
        raw: bytearray | memoryview
        if self._shared is None:
            raw = self._mss.grab(self.area).raw
        else:
            raw = _grab_in_place(self._shared, self.area)
        shape = self.area["height"], self.area["width"], 4
        return np.frombuffer(raw, np.uint8, shape[0] * shape[1] * 4).reshape(shape)

    def close(self) -> None:
        """Let go; pictures must not be used any more."""
        self._mss.close()


def _covers(told: Rows | None, changed: Rows) -> bool:
    """Whether what was told lies in all bands from the first to the last that changed."""
    if told is None:
        return False
    return told[0] < changed[0] + BAND_PX and told[1] > changed[1] - BAND_PX


def _together(one: Rows | None, other: Rows | None) -> Rows | None:
    if one is None or other is None:
        return one or other
    return min(one[0], other[0]), max(one[1], other[1])


def _damage(shared: Any) -> XDamage | None:
    try:
        return None if shared is None else XDamage(shared.conn, int(shared.drawable.value))
    except (OSError, AttributeError, TypeError) as error:
        LOG.info("screen: %s", error)
        return None


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
