"""Whether mouth and nose are covered, judged by colour: lips and skin are redder than masks.

Honest about what it cannot see: a picture without colour, a coloured lamp, a skin-coloured mask,
a forehead under hair give no answer, never a wrong one.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from zhishiyun_client.ports.faces import FaceSeen

ALIGNED_PX = 112
PLACES = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655],
     [70.7299, 92.2041]],
    np.float32,
)  # fmt: skip
"""Where the five points lie in an aligned face of 112 px. Source: insightface, face_align.py."""

FOREHEAD = (slice(22, 38), slice(38, 74))
MOUTH = (slice(86, 98), slice(44, 68))

COLOURED_FROM = 5.0
"""Redness (a* of CIELAB) of the forehead from which a picture has colour to judge by; 15 portraits
have 7 to 24, grey pictures 0. Source: docs/measured/face.md."""

COVERED_BELOW = 0.65
"""Redness of the mouth (its reddest tenth) over that of the forehead. 15 bare mouths have 1.0 and
more, 45 painted beards likewise, 105 masks of seven colours 0.54 and less. Source: as above."""


def mouth_over_forehead(picture: NDArray[np.uint8], face: FaceSeen) -> float | None:
    """How red the mouth is compared with the forehead; None: it cannot be told.

    Args: picture: uint8 (height, width, 3), BGR.
    """
    points = np.array(face.points_px, np.float32)
    move = np.asarray(cv2.estimateAffinePartial2D(points, PLACES, method=cv2.LMEDS)[0], np.float64)
    if move.shape != (2, 3):  # the points lie on one another
        return None
    size = (ALIGNED_PX, ALIGNED_PX)
    aligned = cv2.warpAffine(picture, move, size, borderMode=cv2.BORDER_REPLICATE)
    red = cv2.cvtColor(aligned, cv2.COLOR_BGR2LAB)[..., 1].astype(np.float32) - 128.0
    forehead = float(np.median(red[FOREHEAD]))
    if forehead < COLOURED_FROM:
        return None
    return float(np.percentile(red[MOUTH], 90)) / forehead


def is_covered(picture: NDArray[np.uint8], face: FaceSeen) -> bool:
    """Whether a mask or a cloth surely hides the mouth."""
    share = mouth_over_forehead(picture, face)
    return share is not None and share < COVERED_BELOW
