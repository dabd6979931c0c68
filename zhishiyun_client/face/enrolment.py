"""From the roster's photo to a reference in memory."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from zhishiyun_client.ports.faces import Enrolment, FaceEngine, FaceSeen, ReferenceFault

LARGEST_BYTES = 8 * 1024 * 1024
"""No roster photo is larger; beyond it decoding could take all memory."""

LARGEST_SIDE_PX = 8000
LONGEST_SIDE_PX = 1280
"""Photos are scaled down to this: YuNet is made for faces up to about 300 px of its 640.
Source: OpenCV Zoo, face_detection_yunet."""

MARGIN_SHARE = 0.5
"""A passport photo may be all face; with a grey margin of half its size the face is found."""

SMALLEST_FACE_PX = 40.0
"""At 36 px similarity falls from 0.74 to 0.62. Source: docs/face-packs.md, Measured."""

SECOND_SHARE = 0.4
"""A second face of this share of the first one's width makes it unclear whose photo it is."""


def enrol(engine: FaceEngine, photo: bytes) -> Enrolment | ReferenceFault:
    """Make the reference, or say why this photo is none. Args: photo: JPEG or PNG."""
    picture = decoded(photo)
    if picture is None:
        return ReferenceFault.UNREADABLE
    faces = engine.look(picture)
    if not faces:
        picture = _with_margin(picture)
        faces = engine.look(picture)
    fault = _fault(faces)
    if fault is not None:
        return fault
    return Enrolment(embedding=engine.embed(picture, faces[0]), pack=engine.facts)


def decoded(photo: bytes) -> NDArray[np.uint8] | None:
    """The picture as uint8 (height, width, 3), BGR, upright; None if these bytes are none."""
    if not photo or len(photo) > LARGEST_BYTES:
        return None
    try:
        picture = cv2.imdecode(np.frombuffer(photo, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        return None
    if picture is None or max(picture.shape[:2]) > LARGEST_SIDE_PX:
        return None
    scale = LONGEST_SIDE_PX / max(picture.shape[:2])
    if scale < 1.0:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(picture, np.uint8)


def _with_margin(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    across, down = (int(side * MARGIN_SHARE) for side in (picture.shape[1], picture.shape[0]))
    wider = cv2.copyMakeBorder(
        picture, down, down, across, across, cv2.BORDER_CONSTANT, value=(128, 128, 128)
    )
    return np.asarray(wider, np.uint8)


def _fault(faces: tuple[FaceSeen, ...]) -> ReferenceFault | None:
    if not faces:
        return ReferenceFault.NO_FACE
    if faces[0].width_px < SMALLEST_FACE_PX:
        return ReferenceFault.TOO_SMALL
    if any(other.width_px >= SECOND_SHARE * faces[0].width_px for other in faces[1:]):
        return ReferenceFault.SEVERAL
    return None
