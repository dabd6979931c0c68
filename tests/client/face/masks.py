"""Masks and beards drawn on portraits: no package carries photographs of masked people."""

from __future__ import annotations

from pathlib import Path

import cv2
import insightface
import numpy as np
from numpy.typing import NDArray

from tests.client.face.photographs import Picture, read
from zhishiyun_client.face.covering import PLACES
from zhishiyun_client.ports.faces import FaceSeen

MASK = ((30, 66), (56, 62), (82, 66), (84, 90), (74, 108), (56, 114), (38, 108), (28, 90))
BEARD = ((28, 80), (42, 84), (56, 82), (70, 84), (84, 80), (82, 96), (74, 110), (56, 118),
         (38, 110), (30, 96))  # fmt: skip
LIPS = (56.0, 92.5)
LIPS_PX = (15.0, 6.0)
CLOTHS = ("mask_black", "mask_blue", "mask_green", "mask_white")
COLOURS = {"blue": (200, 160, 110), "white": (235, 235, 235), "black": (30, 30, 30)}
HAIR = {"black": (28, 30, 34), "brown": (40, 60, 85), "grey": (150, 150, 155)}


def masked(picture: Picture, face: FaceSeen, mask: str) -> Picture:
    """The portrait with a mask. Args: mask: a photographed cloth of CLOTHS, or one of COLOURS."""
    where = _filled(picture, face, MASK)
    left, top, width, height = cv2.boundingRect(where)
    if mask in COLOURS:
        cloth = np.full((height, width, 3), COLOURS[mask], np.uint8)
    else:
        path = Path(insightface.__file__).parent / "data" / "images" / f"{mask}.jpg"
        cloth = np.asarray(cv2.resize(read(path), (width, height)), np.uint8)
    canvas = np.zeros_like(picture)
    canvas[top : top + height, left : left + width] = cloth
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    light = cv2.GaussianBlur(grey, (0, 0), max(3.0, width / 6)).astype(np.float32) / 140
    lit = np.clip(canvas * np.clip(light, 0.5, 1.2)[..., None], 0, 255).astype(np.uint8)
    return np.where(where[..., None] > 0, lit, picture)


def bearded(picture: Picture, face: FaceSeen, colour: str) -> Picture:
    """The portrait with a full beard that leaves the lips free."""
    where = _filled(picture, face, BEARD)
    move = _to_picture(face)
    middle = move[:, :2] @ np.array(LIPS, np.float32) + move[:, 2]
    size = float(np.hypot(*move[:, 0]))
    axes = (int(LIPS_PX[0] * size), int(LIPS_PX[1] * size))
    cv2.ellipse(where, (int(middle[0]), int(middle[1])), axes, 0, 0, 360, (0,), -1)
    strands = np.random.default_rng(1).normal(1.0, 0.35, picture.shape[:2])[..., None]
    hair = np.clip(np.array(HAIR[colour]) * strands, 0, 255)
    grown = (0.85 * hair + 0.15 * picture).astype(np.uint8)
    return np.where(where[..., None] > 0, grown, picture)


def _to_picture(face: FaceSeen) -> NDArray[np.float64]:
    move, _ = cv2.estimateAffinePartial2D(
        np.array(face.points_px, np.float32), PLACES, method=cv2.LMEDS
    )
    return np.asarray(cv2.invertAffineTransform(move), np.float64)


def _filled(
    picture: Picture, face: FaceSeen, outline: tuple[tuple[int, int], ...]
) -> NDArray[np.uint8]:
    move = _to_picture(face)
    corners = np.array(outline, np.float64) @ move[:, :2].T + move[:, 2]
    where = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillConvexPoly(where, corners.astype(np.int32), (255,))
    return where
