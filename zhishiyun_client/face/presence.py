"""Who sits there, from one or two looks a second: rules over looks, and findings for people.

Pure: no picture and no net. A finding is never a punishment (R047, R178); what cannot be told is
said as unsure.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from zhishiyun_client.face.liveness import Lines
from zhishiyun_client.ports.faces import Presence
from zhishiyun_client.ports.watching import Cause, Finding, Says, Severity, facts

NOBODY_AFTER_US = 5_000_000
"""Without a face; bending down for a pen takes less. Source: research, face.md §6."""

UNSURE_AFTER_US = 30_000_000
"""With a face, and no look that is surely the candidate's."""

STRANGE_LOOKS = 3
"""Good compared looks in a row below the pack's line. Source: as above."""

SEVERAL_OF, SEVERAL_LOOKS = 3, 2
"""Two faces in two of three looks: one may be a slip of the detector."""

COVERED_LOOKS = 3
"""Looks in a row with a covered mouth; a hand before a cough takes less."""

CUT_OFF_AFTER_US = 5_000_000
"""With the face cut off by the edge; leaning over to the paper takes less."""

SUBJECT = "candidate"
ABOUT = {
    Presence.NOBODY: (Severity.WARNING, Says.PRESENCE_NOBODY),
    Presence.SOMEONE_ELSE: (Severity.WARNING, Says.PRESENCE_SOMEONE_ELSE),
    Presence.SEVERAL: (Severity.WARNING, Says.PRESENCE_SEVERAL),
    Presence.UNSURE: (Severity.NOTICE, Says.PRESENCE_UNSURE),
    Presence.COVERED: (Severity.WARNING, Says.PRESENCE_COVERED),
    Presence.OUT_OF_FRAME: (Severity.NOTICE, Says.PRESENCE_OUT_OF_FRAME),
}


GRAVEST_FIRST = (
    Presence.NOBODY,
    Presence.SOMEONE_ELSE,
    Presence.SEVERAL,
    Presence.COVERED,
    Presence.OUT_OF_FRAME,
)


@dataclass(frozen=True, slots=True)
class Sight:
    """One look.

    Args:
        similarity: to the reference; None: not compared, or not comparable.
        covered:    the mouth is surely hidden; None: this look cannot tell.
        cut_off:    the edge of the picture cuts the face off.
    """

    faces: int
    similarity: float | None = None
    covered: bool | None = None
    cut_off: bool = False


class PresenceRule:
    """Takes looks in the order of time and keeps what stands. Times: µs, monotonic."""

    def __init__(self, lines: Lines, rules_version: str, *, knows_face: bool) -> None:
        self._lines = lines
        self._version = rules_version
        self._knows_face = knows_face
        self._counts: deque[int] = deque(maxlen=SEVERAL_OF)
        self._strange: list[int] = []
        self._covered: list[int] = []
        self._faceless_us: int | None = None
        self._cut_off_us: int | None = None
        self._unsure_us: int | None = None
        self._similarity: float | None = None
        self._standing: dict[Presence, Finding] = {}

    @property
    def seen(self) -> Presence:
        """Who sits there, by all looks so far: the gravest that stands."""
        for presence in GRAVEST_FIRST:
            if presence in self._standing:
                return presence
        is_known = self._similarity is not None and self._similarity >= self._lines.same
        return Presence.CANDIDATE if is_known else Presence.UNSURE

    def take(self, sight: Sight, at_us: int) -> list[Finding]:
        """Take one look; the findings that began or ended with it."""
        self._faceless_us = _since(self._faceless_us, sight.faces == 0, at_us)
        self._cut_off_us = _since(self._cut_off_us, sight.cut_off, at_us)
        if sight.covered:
            self._covered.append(at_us)
        elif sight.covered is False or sight.faces == 0:
            self._covered.clear()
        self._counts.append(sight.faces)
        if sight.similarity is not None:
            self._compare(sight.similarity, at_us)
        if sight.faces and self._knows_face and self._unsure_us is None:
            self._unsure_us = at_us
        if self.seen is Presence.CANDIDATE and sight.similarity is not None:
            self._unsure_us = None
        return [
            *self._nobody(at_us),
            *self._several(at_us),
            *self._someone_else(at_us),
            *self._face_in_view(at_us),
            *self._unsure(at_us),
        ]

    def blind(self, at_us: int) -> list[Finding]:
        """There is no picture: everything ends, and nothing is known."""
        ended = [finding.ended(at_us) for finding in self._standing.values()]
        self._standing.clear()
        self._counts.clear()
        self._strange.clear()
        self._covered.clear()
        self._faceless_us = self._cut_off_us = self._unsure_us = self._similarity = None
        return ended

    def _compare(self, similarity: float, at_us: int) -> None:
        self._similarity = similarity
        if similarity < self._lines.other:
            self._strange.append(at_us)
        else:
            self._strange.clear()

    def _nobody(self, at_us: int) -> list[Finding]:
        since_us = self._faceless_us
        holds = since_us is not None and at_us - since_us >= NOBODY_AFTER_US
        return self._turn(Presence.NOBODY, holds, since_us or at_us, at_us)

    def _face_in_view(self, at_us: int) -> list[Finding]:
        """Whether the face is covered, or cut off by the edge."""
        covered, since_us = self._covered, self._cut_off_us
        cut_off = since_us is not None and at_us - since_us >= CUT_OFF_AFTER_US
        hidden = len(covered) >= COVERED_LOOKS
        return [
            *self._turn(Presence.COVERED, hidden, covered[0] if covered else at_us, at_us),
            *self._turn(Presence.OUT_OF_FRAME, cut_off, since_us or at_us, at_us),
        ]

    def _several(self, at_us: int) -> list[Finding]:
        crowded = sum(count > 1 for count in self._counts)
        holds = crowded >= SEVERAL_LOOKS or (Presence.SEVERAL in self._standing and crowded > 0)
        return self._turn(Presence.SEVERAL, holds, at_us, at_us)

    def _someone_else(self, at_us: int) -> list[Finding]:
        holds = len(self._strange) >= STRANGE_LOOKS
        since_us = self._strange[0] if self._strange else at_us
        return self._turn(Presence.SOMEONE_ELSE, holds, since_us, at_us)

    def _unsure(self, at_us: int) -> list[Finding]:
        since_us = self._unsure_us
        graver = any(one is not Presence.UNSURE for one in self._standing)
        holds = since_us is not None and at_us - since_us >= UNSURE_AFTER_US and not graver
        return self._turn(Presence.UNSURE, holds, since_us or at_us, at_us)

    def _turn(self, what: Presence, holds: bool, since_us: int, at_us: int) -> list[Finding]:
        """Begin or end one finding."""
        if holds == (what in self._standing):
            return []
        if not holds:
            return [self._standing.pop(what).ended(at_us)]
        severity, says = ABOUT[what]
        finding = Finding(
            f"presence.{what.value}", SUBJECT, Cause.PRESENCE, severity, says, self._version,
            since_us, facts=facts(faces=max(self._counts, default=0)),
        )  # fmt: skip
        self._standing[what] = finding
        return [finding]


def _since(before_us: int | None, holds: bool, at_us: int) -> int | None:
    """Since when something holds; None: it does not."""
    if not holds:
        return None
    return at_us if before_us is None else before_us
