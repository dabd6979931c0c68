"""Head turns in random order: what a living head does on request and a held photograph cannot.

Pure arithmetic over the detector's five points and the embeddings of the same looks. What it
stops and what it does not is told in docs/measured/face.md.
"""

from __future__ import annotations

import enum
import itertools
import math
import random
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from zhishiyun_client.ports.faces import Challenge, FaceSeen, LivenessOutcome

if TYPE_CHECKING:
    from zhishiyun_client.ports.faces import Embedding

NAME = "turns/1"
TURNS = 3
"""Asked one after the other, both sides among them: six orders, so a replay guesses one in six."""

TURNED_BY = 0.25
"""Change of `FaceSeen.yaw` from the person's own straight look. Real heads that turn reach it both
ways in nine of nine ORL sequences. Source: docs/measured/face.md."""

KEEPS_WIDTH = 0.78
"""Share of the straight look's ratio eye distance : height that a turned look keeps. Heads keep
0.83 and more (60 looks); flat prints tilted until they reach TURNED_BY mostly do not, because the
nose of a print moves only by foreshortening. Source: docs/measured/face.md."""

HELD_LOOKS = 2
"""Looks in a row that make a turn; one may be a slip of the detector."""

WRONG_LOOKS = 3
"""Looks in a row to the other side that end the try: 0.6 s, more than a slip."""

STRANGE_LOOKS = 2
"""Looks in a row at a face that is certainly another person's."""

BACK_WITHIN = 0.12
"""Straight again, before the next turn is asked."""

TURN_S = 8.0
"""For one turn and the way back; a slow turn takes about two seconds."""

SIDE = {Challenge.TURN_LEFT: 1.0, Challenge.TURN_RIGHT: -1.0}


class Why(enum.StrEnum):
    """How the challenge ended, as the login reports it."""

    PASSED = "passed"
    LATE = "late"
    WRONG_WAY = "wrong_way"
    SOMEONE_ELSE = "someone_else"


@dataclass(frozen=True, slots=True)
class Straight:
    """A person's own straight look. Args: shape: eye distance over height, see `shape_of`."""

    yaw: float
    shape: float


@dataclass(frozen=True, slots=True)
class Lines:
    """Cosines of the pack: at or above `same` it is the person, below `other` it is not."""

    same: float
    other: float


def shape_of(face: FaceSeen) -> float:
    """Distance of the eyes over that from their middle to the middle of the mouth."""
    right_eye, left_eye, _nose, mouth_right, mouth_left = face.points_px
    eyes = math.dist(right_eye, left_eye)
    middle = [(a + b) / 2 for a, b in zip(right_eye, left_eye, strict=True)]
    mouth = [(a + b) / 2 for a, b in zip(mouth_right, mouth_left, strict=True)]
    return eyes / max(math.dist(middle, mouth), 1.0)


def straight_from(faces: Sequence[FaceSeen]) -> Straight:
    """The middle of several straight looks; at least one."""
    return Straight(median(face.yaw for face in faces), median(shape_of(face) for face in faces))


def random_turns(chance: random.Random | None = None) -> tuple[Challenge, ...]:
    """Three turns with both sides among them, every order as likely. Args: chance: for tests."""
    orders = [o for o in itertools.product(SIDE, repeat=TURNS) if len(set(o)) == len(SIDE)]
    return (chance or secrets.SystemRandom()).choice(orders)


class HeadTurns:
    """A `LivenessProbe`: asks for `turns` one by one. Thread: the examiner's.

    Args:
        reference:    of the roster's photo, of length 1; every look is compared with it.
        began_tick_s: monotonic.
    """

    def __init__(
        self,
        turns: tuple[Challenge, ...],
        straight: Straight,
        reference: Embedding,
        lines: Lines,
        began_tick_s: float,
    ) -> None:
        self._turns = turns
        self._straight = straight
        self._reference = reference
        self._lines = lines
        self._done = 0
        self._is_back = True
        self._held = self._wrong = self._strange = 0
        self._until_tick_s = began_tick_s + TURN_S
        self.why: Why | None = None

    @property
    def name(self) -> str:
        """Name and version."""
        return NAME

    @property
    def report(self) -> str:
        """Name and outcome, as the login reports it."""
        return f"{NAME}:{self.why or 'waiting'}"

    @property
    def asked(self) -> Challenge | None:
        """The turn to make now; None while the way back to straight is wanted, and at the end."""
        is_asking = self.why is None and self._is_back and self._done < len(self._turns)
        return self._turns[self._done] if is_asking else None

    @property
    def done_share(self) -> float:
        """How many of the turns are made, 0 to 1."""
        return self._done / len(self._turns)

    def wait(self, tick_s: float) -> LivenessOutcome:
        """There is no look to take: only the time goes on."""
        if self.why is None and tick_s >= self._until_tick_s:
            self.why = Why.LATE
        return self._outcome()

    def watch(self, face: FaceSeen, embedding: Embedding, tick_s: float) -> LivenessOutcome:
        """Take one look."""
        if self.why is not None or tick_s >= self._until_tick_s:
            return self.wait(tick_s)
        similarity = float(embedding @ self._reference)
        self._strange = self._strange + 1 if similarity < self._lines.other else 0
        if self._strange >= STRANGE_LOOKS:
            self.why = Why.SOMEONE_ELSE
        elif similarity >= self._lines.same:
            self._follow(face, tick_s)
        else:
            self._held = 0
        return self._outcome()

    def _follow(self, face: FaceSeen, tick_s: float) -> None:
        """Where the head of the right person is turned."""
        change = face.yaw - self._straight.yaw
        if not self._is_back:
            self._is_back = abs(change) <= BACK_WITHIN
            return
        towards = change * SIDE[self._turns[self._done]]
        has_depth = shape_of(face) >= KEEPS_WIDTH * self._straight.shape
        self._held = self._held + 1 if towards >= TURNED_BY and has_depth else 0
        self._wrong = self._wrong + 1 if towards <= -TURNED_BY else 0
        if self._wrong >= WRONG_LOOKS:
            self.why = Why.WRONG_WAY
        elif self._held >= HELD_LOOKS:
            self._done += 1
            self._is_back, self._held, self._wrong = False, 0, 0
            self._until_tick_s = tick_s + TURN_S
            if self._done == len(self._turns):
                self.why = Why.PASSED

    def _outcome(self) -> LivenessOutcome:
        if self.why is None:
            return LivenessOutcome.WAITING
        return LivenessOutcome.PASSED if self.why is Why.PASSED else LivenessOutcome.FAILED
