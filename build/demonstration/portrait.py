"""Cuts the person out of the public-domain NASA portrait that scikit-image ships."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import skimage
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

# Outlines in pixels of the 512 x 512 portrait, drawn by hand: surely the person …
_INNER = (
    [(188, 120), (272, 120), (262, 165), (258, 200), (190, 200), (195, 165)],
    [(150, 240), (270, 240), (320, 300), (345, 400), (360, 511), (60, 511), (60, 320), (110, 260)],
)
_INNER_HAIR = ((228, 78), (62, 50))
_COLLAR = ((209, 220), (93, 62), 18.0)
# … and surely the room behind her.
_OUTER = (
    [
        (0, 0),
        (145, 0),
        (138, 60),
        (140, 110),
        (160, 128),
        (180, 134),
        (184, 146),
        (150, 146),
        (110, 165),
        (100, 215),
        (40, 255),
        (14, 330),
        (0, 400),
    ],
    [
        (512, 0),
        (312, 0),
        (312, 60),
        (310, 110),
        (290, 132),
        (274, 136),
        (266, 172),
        (276, 180),
        (312, 236),
        (352, 262),
        (372, 330),
        (372, 360),
        (512, 360),
    ],
    [(145, 0), (312, 0), (312, 8), (145, 8)],
)


@dataclass(frozen=True, slots=True)
class Portrait:
    """The person without the room.

    Args:
        colour: uint8 (512, 512, 3), BGR.
        alpha: float32 (512, 512), 0 … 1, 1 where the person is.
    """

    colour: Picture
    alpha: NDArray[np.float32]


def source() -> Path:
    """Where scikit-image keeps the portrait."""
    return Path(skimage.__file__).parent / "data" / "astronaut.png"


def read() -> Picture:
    """The portrait as it is: uint8 (512, 512, 3), BGR."""
    picture = cv2.imread(str(source()), cv2.IMREAD_COLOR)
    if picture is None:
        raise FileNotFoundError(source())
    return picture.astype(np.uint8)


def cut_out() -> Portrait:
    """Separate the person from the background by GrabCut between two hand-drawn outlines."""
    picture = read()
    marks = np.full(picture.shape[:2], cv2.GC_PR_FGD, np.uint8)
    for outline in _OUTER:
        cv2.fillPoly(marks, [np.array(outline, np.int32)], int(cv2.GC_BGD))
    for outline in _INNER:
        cv2.fillPoly(marks, [np.array(outline, np.int32)], int(cv2.GC_FGD))
    cv2.ellipse(marks, *_INNER_HAIR, 0, 0, 360, int(cv2.GC_FGD), -1)
    centre, axes, turn_deg = _COLLAR
    cv2.ellipse(marks, centre, axes, turn_deg, 0, 360, int(cv2.GC_FGD), -1)
    cv2.setRNGSeed(1)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(picture, marks, (0, 0, 0, 0), *models, 8, cv2.GC_INIT_WITH_MASK)
    alpha = np.isin(marks, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.float32)
    inside = cv2.erode(alpha, np.ones((2, 2), np.uint8))
    feathered = cv2.GaussianBlur(inside, (0, 0), 1.2).astype(np.float32)
    return Portrait(_calmer_suit(picture), feathered)


def _calmer_suit(picture: Picture) -> Picture:
    """Dye the orange suit a quiet blue, so that the page, not the garment, is looked at."""
    hsv = cv2.cvtColor(picture, cv2.COLOR_BGR2HSV).astype(np.float32)
    hue, saturation = hsv[..., 0], hsv[..., 1]
    orange = ((hue < 14) | (hue > 172)) & (saturation > 120)
    orange[:205] = False
    share = cv2.GaussianBlur(orange.astype(np.float32), (0, 0), 0.8)[..., None]
    dyed = hsv.copy()
    dyed[..., 0], dyed[..., 1], dyed[..., 2] = 108, saturation * 0.42, hsv[..., 2] * 0.52
    blue = cv2.cvtColor(dyed.astype(np.uint8), cv2.COLOR_HSV2BGR).astype(np.float32)
    return (picture * (1 - share) + blue * share).astype(np.uint8)
