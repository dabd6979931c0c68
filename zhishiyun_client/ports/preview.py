"""How a page sees the camera: the newest picture, asked for, never sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class PreviewFrame:
    """One picture: uint8 (height, width, 3), BGR, no padding; valid until the next `latest`."""

    sequence: int
    width_px: int
    height_px: int
    bgr: bytes | memoryview


class PreviewFeed(Protocol):
    """The newest frame of the camera, mirrored by nobody yet."""

    def latest(self) -> PreviewFrame | None:
        """Give the newest frame, or None while there is none. Cheap; called 15 times a second.

        Thread: ui.
        """
        ...
