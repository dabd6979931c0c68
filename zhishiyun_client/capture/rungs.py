"""The rungs of quality, best first: what each track is recorded as. Sound is the same on all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from zhishiyun_client.capture.encoders import PictureFormat
from zhishiyun_protocol.plan import Recording


@dataclass(frozen=True, slots=True)
class Rung:
    """The most that is recorded on this rung; the plan may ask for less.

    kbps: what the three tracks weigh together on the demonstration media
          (docs/measured/rungs.md), a little more
    """

    name: str
    camera_height_px: int
    camera_fps: int
    screen_fps: int
    kbps: int


RUNGS = (
    Rung("P", 720, 15, 10, 600),
    Rung("P5", 720, 15, 5, 580),
    Rung("G", 360, 15, 5, 240),
    Rung("L", 360, 8, 2, 200),
    Rung("M", 360, 4, 2, 180),
)
"""The screen keeps its size on every rung: half of it saves nothing but makes text unreadable.
The camera at 640x360 still shows a face 100 px wide at arm's length, what YuNet asks for and more.
"""
PLACE: Mapping[str, int] = {rung.name: place for place, rung in enumerate(RUNGS)}
PICTURES_STAND = 3  # a camera's picture stands for three of its steps, then something is missing


def camera_format(
    rung: Rung, wanted: Recording, width_px: int, height_px: int
) -> tuple[PictureFormat, int]:
    """How a camera's pictures of this size are recorded, and how long each stands, µs."""
    most_h = min(rung.camera_height_px, wanted.camera_height_px)
    scale = min(1.0, wanted.camera_width_px / width_px, most_h / height_px)
    even_w, even_h = round(width_px * scale) & ~1, round(height_px * scale) & ~1
    fps = min(rung.camera_fps, wanted.camera_fps)
    return PictureFormat(even_w, even_h, fps), PICTURES_STAND * 1_000_000 // fps


def screen_fps(rung: Rung, wanted: Recording) -> int:
    """How often the screen is looked at on this rung."""
    return min(rung.screen_fps, wanted.screen_fps)
