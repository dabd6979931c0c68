"""Everything that one look needs, in one place and one thread: pack, nets, hints, reference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zhishiyun_client.face.enrolment import enrol
from zhishiyun_client.face.lids import openness
from zhishiyun_client.face.pack import Thresholds
from zhishiyun_client.face.passive import PassiveNet
from zhishiyun_client.face.quality import UNJUDGED, hints_for, is_cut_off
from zhishiyun_client.ports.faces import (
    Enrolment,
    FaceEngine,
    FaceSeen,
    Hint,
    PackFacts,
    ReferenceFault,
    shown_first,
)
from zhishiyun_client.ports.preview import PreviewFrame


@dataclass(frozen=True, slots=True, eq=False)
class Glance:
    """One look at one picture. Args: picture: uint8 (height, width, 3), BGR, our own copy."""

    picture: NDArray[np.uint8]
    faces: tuple[FaceSeen, ...]
    hints: frozenset[Hint]

    @property
    def hint(self) -> Hint | None:
        """The one to show."""
        return shown_first(self.hints)

    @property
    def covered(self) -> bool | None:
        """Whether a mask hides the mouth; None: this look cannot tell."""
        if not self.faces or not self.hints.isdisjoint(UNJUDGED):
            return None
        return Hint.COVERED in self.hints

    @property
    def is_cut_off(self) -> bool:
        """Whether the edge of the picture cuts the largest face off."""
        height_px, width_px = self.picture.shape[:2]
        return bool(self.faces) and is_cut_off(self.faces[0].box, width_px, height_px)

    @property
    def counts(self) -> bool:
        """Whether it is good enough to compare."""
        return self.hint is None or not self.hint.spoils


class Eye:
    """An opened engine with its thresholds. Thread: one at a time."""

    def __init__(
        self, engine: FaceEngine, thresholds: Thresholds, passive: PassiveNet | None = None
    ) -> None:
        self._engine = engine
        self.thresholds = thresholds
        self.passive = passive

    @property
    def facts(self) -> PackFacts:
        """The pack behind this eye."""
        return self._engine.facts

    def glance(self, frame: PreviewFrame) -> Glance:
        """Look at one preview frame; it is copied first, its memory may be written again."""
        shape = (frame.height_px, frame.width_px, 3)
        picture = np.frombuffer(frame.bgr, np.uint8).reshape(shape).copy()
        faces = self._engine.look(picture)
        return Glance(picture, faces, hints_for(picture, faces))

    def enrol(self, photo: bytes) -> Enrolment | ReferenceFault:
        """Make the reference from the roster's photo."""
        return enrol(self._engine, photo)

    def embed(self, glance: Glance) -> NDArray[np.float32]:
        """Describe the largest face of a glance. Returns: float32 (length,), of length 1."""
        return self._engine.embed(glance.picture, glance.faces[0])

    def openness(self, glance: Glance) -> float | None:
        """How open the eyes of the largest face are, see `face.lids`."""
        return openness(glance.picture, glance.faces[0]) if glance.faces else None

    def similarity(self, glance: Glance, reference: Enrolment) -> float:
        """Cosine of the largest face of a glance and the reference, -1 to 1."""
        return float(self.embed(glance) @ reference.embedding)
