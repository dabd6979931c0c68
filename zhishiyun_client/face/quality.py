"""What is wrong with a look, for the candidate to mend: distance, place, light, sharpness, turn."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from zhishiyun_client.face.covering import is_covered
from zhishiyun_client.ports.faces import Box, FaceSeen, Hint

MEASURED_PX = 112
"""Side of the square to which a face is scaled before light and sharpness are measured."""

NARROWEST_PX = 80.0
"""Narrower faces are asked to come closer, at about 90 cm in a 640 px preview. Narrower ones
still match (36 px: similarity 0.62 of 0.74). Source: docs/face-packs.md, Measured."""

WIDEST_SHARE = 0.55
"""Of the picture's width; wider faces lose chin or forehead in a 16:9 picture."""

SECOND_SHARE = 0.5
"""A second face this wide beside the largest counts; smaller ones are posters and photographs."""

CENTRE_FROM_SHARE = 0.15
"""The nose stays this far from every edge, in shares of the picture."""

EDGE_SHARE = 0.01
"""A box this near an edge, in shares of the picture's height, is cut off by it: the detector ends
its boxes at the edge. Source: docs/face-packs.md, Measured."""

TURNED_FROM = 0.35
"""Of |yaw|; turned heads reach 0.4 to 0.69. Source: docs/face-packs.md, Measured."""

DARK_BELOW = 45.0
"""Mean luma of the face; 14 daylight portraits have 93 to 158, a quarter of the light still
matches at 0.71. Source: docs/face-packs.md, Measured."""

BRIGHT_FROM = 215.0
"""Mean luma of the face; 1.8 times the light still matches at 0.66. Source: as above."""

BACKLIT_FACE_BELOW = 80.0
BACKLIT_DIFFERENCE = 90.0
"""A dark face and a picture this much brighter around it. A matter of taste: advice only."""

BLURRED_BELOW = 12.0
"""Variance of the Laplacian of the scaled face; sharp portraits have 107 to 421, and at 12
similarity has fallen to about 0.8, at 7 to 0.6. Source: docs/face-packs.md, Measured."""


UNJUDGED = frozenset({Hint.TURNED_AWAY, Hint.TOO_FAR, Hint.TOO_DARK, Hint.TOO_BRIGHT})
"""With one of these the colours of a mouth tell nothing."""


def hints_for(picture: NDArray[np.uint8], faces: tuple[FaceSeen, ...]) -> frozenset[Hint]:
    """Everything that is wrong with a look; empty when nothing is.

    Args:
        picture: uint8 (height, width, 3), BGR.
        faces:   found in it, largest first.
    """
    if not faces:
        return frozenset({Hint.NO_FACE})
    face = faces[0]
    hints = _place_hints(face, picture.shape[1], picture.shape[0])
    if any(other.width_px >= SECOND_SHARE * face.width_px for other in faces[1:]):
        hints.add(Hint.SEVERAL)
    if abs(face.yaw) >= TURNED_FROM:
        hints.add(Hint.TURNED_AWAY)
    hints |= _light_hints(picture, face.box)
    if hints.isdisjoint(UNJUDGED) and is_covered(picture, face):
        hints.add(Hint.COVERED)
    return frozenset(hints)


def _place_hints(face: FaceSeen, width_px: int, height_px: int) -> set[Hint]:
    hints: set[Hint] = set()
    box = face.box
    if face.width_px < NARROWEST_PX:
        hints.add(Hint.TOO_FAR)
    if face.width_px > WIDEST_SHARE * width_px:
        hints.add(Hint.TOO_NEAR)
    nose_px = face.points_px[2]
    across, down = nose_px[0] / width_px, nose_px[1] / height_px
    is_aside = min(across, 1 - across, down, 1 - down) < CENTRE_FROM_SHARE
    if is_aside or is_cut_off(box, width_px, height_px):
        hints.add(Hint.OFF_CENTRE)
    return hints


def is_cut_off(box: Box, width_px: int, height_px: int) -> bool:
    """Whether an edge of the picture cuts the face off."""
    to_edge_px = min(box.left_px, box.top_px, width_px - box.right_px, height_px - box.bottom_px)
    return to_edge_px < EDGE_SHARE * height_px


def _light_hints(picture: NDArray[np.uint8], box: Box) -> set[Hint]:
    luma = _face_luma(picture, box)
    if luma is None:
        return set()
    light = float(luma.mean())
    hints: set[Hint] = set()
    if light < DARK_BELOW:
        hints.add(Hint.TOO_DARK)
    if light >= BRIGHT_FROM:
        hints.add(Hint.TOO_BRIGHT)
    # Every eighth pixel is plenty for a mean, and spares a conversion of the whole picture.
    around = float(picture[::8, ::8].mean())
    if light < BACKLIT_FACE_BELOW and around - light >= BACKLIT_DIFFERENCE:
        hints.add(Hint.BACKLIT)
    if float(cv2.Laplacian(luma, cv2.CV_32F).var()) < BLURRED_BELOW:
        hints.add(Hint.BLURRED)
    return hints


def _face_luma(picture: NDArray[np.uint8], box: Box) -> NDArray[np.float32] | None:
    """Luma of the visible part of the face: float32 (112, 112), 0 to 255; None if none is."""
    height_px, width_px = picture.shape[:2]
    left, right = max(0, int(box.left_px)), min(width_px, int(box.right_px))
    top, bottom = max(0, int(box.top_px)), min(height_px, int(box.bottom_px))
    if right - left < 2 or bottom - top < 2:
        return None
    grey = cv2.cvtColor(picture[top:bottom, left:right], cv2.COLOR_BGR2GRAY)
    scaled = cv2.resize(grey, (MEASURED_PX, MEASURED_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(scaled, np.float32)
