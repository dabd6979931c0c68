"""A photograph held to the camera: flat or bent, tilted about its upright axis."""

from __future__ import annotations

import cv2
import numpy as np

from tests.client.face.photographs import Picture

WIDTH_PX, HEIGHT_PX = 640, 360
FOCAL_PX = 560.0
DISTANCE = 2.2  # in widths of the print: about 45 cm for one of 20 cm
BACKGROUND = 110


def held(photo: Picture, tilt_deg: float, bend_rad: float = 0.0) -> Picture:
    """The print as a camera of 640 by 360 px sees it.

    Args:
        photo:    uint8 (height, width, 3).
        tilt_deg: turned about its upright axis.
        bend_rad: half the angle over which it is bent outwards, like a cylinder; 0: flat.
    """
    height_px, width_px = photo.shape[:2]
    across = np.linspace(-0.5, 0.5, 2001)
    bulge_x = np.sin(2 * bend_rad * across) / (2 * bend_rad) if bend_rad else across
    bulge_z = (1 - np.cos(2 * bend_rad * across)) / (2 * bend_rad) if bend_rad else 0 * across
    turn = np.deg2rad(tilt_deg)
    deep = DISTANCE + bulge_z * np.cos(turn) - bulge_x * np.sin(turn)
    seen_x = WIDTH_PX / 2 + FOCAL_PX * (bulge_x * np.cos(turn) + bulge_z * np.sin(turn)) / deep
    columns = np.arange(WIDTH_PX, dtype=np.float64)
    from_across = np.interp(columns, seen_x, across, left=-9.0, right=9.0)
    depth = np.interp(columns, seen_x, deep)
    rows = (np.arange(HEIGHT_PX, dtype=np.float64) - HEIGHT_PX / 2)[:, None]
    map_x = np.repeat(((from_across + 0.5) * (width_px - 1))[None, :], HEIGHT_PX, axis=0)
    map_y = rows * depth[None, :] / FOCAL_PX * width_px + height_px / 2
    return np.asarray(
        cv2.remap(
            photo, map_x.astype(np.float32), map_y.astype(np.float32), cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT, borderValue=(BACKGROUND,) * 3,
        ),
        np.uint8,
    )  # fmt: skip
