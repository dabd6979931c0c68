"""How a face is looked at, compared, and talked about; the shapes, not the nets.

Nothing in here can be written down: an embedding lives in memory and says nothing when printed.
Only verdicts and similarities leave the device (R043).
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # numpy costs a tenth of a second, and ports are imported before the first paint
    import numpy as np
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]
    Embedding = NDArray[np.float32]


class Hint(enum.Enum):
    """Why a face cannot be taken as it is; each has a sentence for the candidate (R044).

    The order is the order of telling: the first that holds is shown.
    """

    NO_PICTURE = "no_picture"
    """The camera gives no new picture. 摄像头没有画面。"""

    NO_FACE = "no_face"
    """Nobody is seen, or the face is covered. 未检测到人脸。"""

    SEVERAL = "several"
    """A second face of nearly the same size. 画面中有多人。"""

    TOO_NEAR = "too_near"
    """The face fills the picture. 请离远一点。"""

    OFF_CENTRE = "off_centre"
    """The face is at the edge or cut off by it. 请将面部移到框内。"""

    TOO_FAR = "too_far"
    """The face is too small to compare. 请再靠近一点。"""

    TURNED_AWAY = "turned_away"
    """The head is turned to the side. 请正对摄像头。"""

    COVERED = "covered"
    """A mask or a cloth hides the mouth. 请摘下口罩。"""

    TOO_DARK = "too_dark"
    """The face is darker than can be compared. 光线偏暗。"""

    TOO_BRIGHT = "too_bright"
    """The face is washed out. 光线过亮。"""

    BACKLIT = "backlit"
    """A bright window or lamp behind the face: advice only, the look still counts. 请避免背光。"""

    BLURRED = "blurred"
    """The face moves, or the lens is dirty or out of focus. 画面模糊。"""

    @property
    def spoils(self) -> bool:
        """Whether a picture with this hint is not compared."""
        return self is not Hint.BACKLIT


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in px of the picture it was found in, top left origin; may reach beyond it."""

    left_px: float
    top_px: float
    right_px: float
    bottom_px: float

    @property
    def width_px(self) -> float:
        """Width."""
        return self.right_px - self.left_px

    @property
    def height_px(self) -> float:
        """Height."""
        return self.bottom_px - self.top_px


@dataclass(frozen=True, slots=True)
class FaceSeen:
    """One face in one picture.

    Args:
        box:       around the face.
        points_px: right eye, left eye, nose, right and left corner of the mouth, as (x, y); right
                   is the person's own right, which a camera shows on the left.
        score:     the detector's certainty, 0 to 1.
    """

    box: Box
    points_px: tuple[tuple[float, float], ...]
    score: float

    @property
    def width_px(self) -> float:
        """Width of the box."""
        return self.box.width_px

    @property
    def yaw(self) -> float:
        """Turn of the head: 0 straight, about ±0.4 and more turned, positive to the left.

        ((nose - right eye) - (left eye - nose)) / (left eye - right eye), horizontally.
        Left is the person's own left. A tilted flat print never exceeds ±0.31.
        Source: docs/face-packs.md, Measured; 0 where the eyes lie one above the other.
        """
        right_eye, left_eye, nose = self.points_px[0][0], self.points_px[1][0], self.points_px[2][0]
        between = left_eye - right_eye
        return ((nose - right_eye) - (left_eye - nose)) / between if between > 1.0 else 0.0


@dataclass(frozen=True, slots=True)
class PackFacts:
    """Which pack looked: what a report and the server may know."""

    name: str
    version: str
    digest: str

    def __str__(self) -> str:
        """Name, version and the first half of the digest, as in a report."""
        return f"{self.name}/{self.version}/{self.digest[:12]}"


class FaceEngine(Protocol):
    """Finds faces and places them on the unit sphere. Thread: one at a time."""

    @property
    def facts(self) -> PackFacts:
        """The pack behind this engine."""
        ...

    def look(self, picture: Picture) -> tuple[FaceSeen, ...]:
        """Find the faces, largest first. Args: picture: uint8 (height, width, 3), BGR."""
        ...

    def embed(self, picture: Picture, face: FaceSeen) -> Embedding:
        """Describe one face found in this picture. Returns: float32 (length,), of length 1."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Enrolment:
    """The reference made from the roster's photo; in memory only, mute when printed."""

    embedding: Embedding = field(repr=False)
    pack: PackFacts


class ReferenceFault(enum.Enum):
    """Why a roster's photo cannot be a reference (F03); a technician's check follows."""

    UNREADABLE = "unreadable"
    """Not a picture, or larger than any photo."""

    NO_FACE = "no_face"
    """No face in it."""

    SEVERAL = "several"
    """More than one face in it."""

    TOO_SMALL = "too_small"
    """The face is too small to compare with."""


class Verdict(enum.Enum):
    """What several looks said together; what follows is for the flow and for people."""

    MATCHED = "matched"
    """The median is at or above the pack's threshold."""

    NOT_MATCHED = "not_matched"
    """Enough good looks, and the median is below the threshold."""

    UNDECIDED = "undecided"
    """Too few good looks in time; the hint says why."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The outcome of one try. Args: score: median cosine, 0.0 where frames is 0."""

    verdict: Verdict
    score: float
    frames: int


# Reports of the examiner (face/examiner.py), carried to the flow.


@dataclass(frozen=True, slots=True)
class ExaminerReady:
    """The nets are loaded."""

    pack: PackFacts


@dataclass(frozen=True, slots=True)
class ExaminerUnavailable:
    """The nets could not be loaded; the way on is the technician's check. `code` as in errors."""

    code: str
    message: str
    zh: str


@dataclass(frozen=True, slots=True)
class ReferenceTaken:
    """The roster's photo is a good reference."""


@dataclass(frozen=True, slots=True)
class ReferenceRefused:
    """The roster's photo is none."""

    fault: ReferenceFault


@dataclass(frozen=True, slots=True)
class FaceHint:
    """What the newest look saw; sent with every look, for the guide around the self-view.

    Args:
        hint:        what to tell the candidate; None: hold still, all is well.
        box:         of the largest face, in px of the preview; None: no face.
        taken_share: how much of a running try is done, 0 to 1.
        asked:       the turn to make now, where liveness is asked.
    """

    sequence: int
    hint: Hint | None
    box: Box | None
    taken_share: float
    asked: Challenge | None = None


@dataclass(frozen=True, slots=True)
class FaceDecision:
    """One try is over.

    Args:
        score:        median cosine of the compared looks.
        frames:       how many were compared.
        pack_version: name, version and digest of the pack.
        hint:         what spoiled most looks, when undecided.
        liveness:     name and outcome of the probe, "" where none was asked.
        cues:         what else was seen of life, as `name=value`; decides nothing by itself.
        id_score:     median cosine with the ID card's photo (人证); None: not compared.
    """

    verdict: Verdict
    score: float
    frames: int
    pack_version: str
    hint: Hint | None = None
    liveness: str = ""
    cues: tuple[str, ...] = ()
    id_score: float | None = None

    @property
    def matched(self) -> bool:
        """Whether the candidate is the person in the photo."""
        return self.verdict is Verdict.MATCHED


# What other parts of the program may bring to the same camera. These are ports: whoever builds
# liveness and presence implements them, and nothing here pretends to.


class Challenge(enum.Enum):
    """One thing a living head can do on request and a photo cannot."""

    TURN_LEFT = "turn_left"
    """Turn to the person's own left."""

    TURN_RIGHT = "turn_right"
    """Turn to the person's own right."""

    BLINK = "blink"
    """Close both eyes and open them."""


class LivenessOutcome(enum.Enum):
    """What a probe found."""

    WAITING = "waiting"
    """The challenge goes on."""

    PASSED = "passed"
    """All challenges were done in order and in time, by one and the same person."""

    FAILED = "failed"
    """Wrong order, too late, or another person meanwhile."""


class LivenessProbe(Protocol):
    """Asks for challenges in random order and watches whether they are done.

    A probe is fed every look of one try. It takes the embedding of a look as well, because a
    person who turns the head beside somebody else's photo must not pass. Thread: the examiner's.
    """

    @property
    def name(self) -> str:
        """Name and version, as the login reports it."""
        ...

    @property
    def asked(self) -> Challenge | None:
        """What the candidate is asked to do now; None: to look straight, or nothing any more."""
        ...

    @property
    def done_share(self) -> float:
        """How much of the challenge is done, 0 to 1."""
        ...

    @property
    def report(self) -> str:
        """Name and outcome, as the login reports it."""
        ...

    def watch(self, face: FaceSeen, embedding: Embedding, tick_s: float) -> LivenessOutcome:
        """Take one look. Args: tick_s: monotonic."""
        ...

    def wait(self, tick_s: float) -> LivenessOutcome:
        """There is no look to take; the challenge still ends in time."""
        ...


class Presence(enum.Enum):
    """Who sits there, by one look or by the rule over several."""

    CANDIDATE = "candidate"
    """The person who logged in."""

    UNSURE = "unsure"
    """It cannot be told: a poor look, a likeness in between, or no face that is known."""

    NOBODY = "nobody"
    """No face."""

    SOMEONE_ELSE = "someone_else"
    """A good look at another face, several times in a row."""

    SEVERAL = "several"
    """More than one face."""

    COVERED = "covered"
    """A mask or a cloth hides the mouth."""

    OUT_OF_FRAME = "out_of_frame"
    """The face is cut off by the edge of the picture."""


@dataclass(frozen=True, slots=True)
class PresenceChanged:
    """The recorder's watch sees another presence than before (R047)."""

    presence: Presence


@dataclass(frozen=True, slots=True)
class PresenceOff:
    """The pack does not load in the recorder: nobody looks who sits there. `code` as in errors."""

    code: str


def shown_first(hints: Iterable[Hint]) -> Hint | None:
    """The one hint to show: the first in the order of telling."""
    found = set(hints)
    return next((hint for hint in Hint if hint in found), None)
