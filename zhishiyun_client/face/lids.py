"""How open a person's eyes are, in one picture; no net.

An open eye has upright edges (the iris) and is darker in the middle than beside; a closed one has
a level line of lashes. The number means something only beside the same person's own.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from zhishiyun_client.face.covering import ALIGNED_PX, PLACES
from zhishiyun_client.ports.faces import FaceSeen

SCALE = 2
"""Aligned faces are drawn twice as large as for the recogniser: an eye is about 40 px wide."""

MOST_YAW = 0.35
NARROWEST_PX = 80.0
"""Outside of these an eye is too small or too much from the side to tell."""


def openness(picture: NDArray[np.uint8], face: FaceSeen) -> float | None:
    """How open both eyes are, in no unit; None where it cannot be told.

    Args: picture: uint8 (height, width, 3), BGR.
    """
    if abs(face.yaw) >= MOST_YAW or face.width_px < NARROWEST_PX:
        return None
    points = np.array(face.points_px, np.float32)
    places = PLACES * SCALE
    move = np.asarray(cv2.estimateAffinePartial2D(points, places, method=cv2.LMEDS)[0], np.float64)
    if move.shape != (2, 3):
        return None
    size = (ALIGNED_PX * SCALE, ALIGNED_PX * SCALE)
    grey = cv2.cvtColor(
        cv2.warpAffine(picture, move, size, flags=cv2.INTER_CUBIC), cv2.COLOR_BGR2GRAY
    ).astype(np.float32)
    eyes = [_eye(np.asarray(grey, np.float32), int(x), int(y)) for x, y in places[:2]]
    return sum(eyes) / len(eyes)


def _eye(grey: NDArray[np.float32], x: int, y: int) -> float:
    """Upright over level edges of the middle, over its darkness beside the corners."""
    middle = grey[y - 5 * SCALE : y + 5 * SCALE, x - 4 * SCALE : x + 4 * SCALE]
    rows = slice(y - 3 * SCALE, y + 5 * SCALE)
    left = grey[rows, x - 10 * SCALE : x - 6 * SCALE]
    right = grey[rows, x + 6 * SCALE : x + 10 * SCALE]
    beside = float(np.median(np.concatenate([left.ravel(), right.ravel()])))
    darkest = np.sort(middle.ravel())[: int(0.3 * middle.size)]
    upright = float(np.abs(cv2.Sobel(middle, cv2.CV_32F, 1, 0)).mean())
    level = float(np.abs(cv2.Sobel(middle, cv2.CV_32F, 0, 1)).mean())
    darkness = max(float(darkest.mean()), 1.0) / max(beside, 1.0)
    return upright / max(level, 1e-3) / darkness
