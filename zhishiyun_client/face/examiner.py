"""The worker that looks at the newest preview frame and compares it with the reference."""

from __future__ import annotations

import queue
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

from zhishiyun_client.face.blink import BlinkWatch
from zhishiyun_client.face.choice import PackChoice
from zhishiyun_client.face.liveness import HeadTurns, Lines, random_turns, straight_from
from zhishiyun_client.face.matching import Trial
from zhishiyun_client.ports.faces import (
    Box,
    Comparison,
    Enrolment,
    ExaminerReady,
    ExaminerUnavailable,
    FaceDecision,
    FaceHint,
    FaceSeen,
    Hint,
    LivenessOutcome,
    LivenessProbe,
    ReferenceFault,
    ReferenceRefused,
    ReferenceTaken,
    Verdict,
)
from zhishiyun_client.ports.preview import PreviewFrame
from zhishiyun_client.runtime.heap import give_back
from zhishiyun_client.runtime.worker import Report, Worker
from zhishiyun_protocol.errors import ZhishiyunError

if TYPE_CHECKING:
    from zhishiyun_client.face.eye import Eye, Glance

NAME = "examiner"
LOOK_EVERY_S = 0.2
"""Five looks a second: hints feel live, and a look with comparison costs 31 ms of one core."""

ASK_EVERY_S = 0.05
"""How often a preview without a new frame is asked again."""

SILENT_AFTER_S = 2.0
"""A preview at rest this long means the camera gives nothing (F02)."""

SPOILS_TURNS = (Hint.NO_FACE, Hint.SEVERAL)
"""The first hints in the order of telling, so that nothing hides them but NO_PICTURE."""


@dataclass(frozen=True, slots=True)
class _Enrol:
    photo: bytes = field(repr=False)
    id_photo: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Begin:
    """A try begins with the next look."""


@dataclass(frozen=True, slots=True)
class _Forget:
    """The reference is dropped."""


_Order = _Enrol | _Begin | _Forget


class Examiner(Worker):
    """Loads a pack in its own thread, then hints at every look, and compares when asked to.

    It reports ExaminerReady or ExaminerUnavailable once; FaceHint at every look; ReferenceTaken or
    ReferenceRefused after `enrol`; one FaceDecision after each `begin_try`. How many tries there
    are is not its business. It writes nothing and logs nothing.

    Args:
        choice: of the pack.
        latest: the newest preview frame, not mirrored; called in this worker's thread, so it needs
                a feed of its own.
        asks_for_turns: a match is followed by head turns before it counts.
        tick_s: monotonic clock.
        chance: draws the order of the turns; the system's own where None.
    """

    def __init__(
        self,
        choice: PackChoice,
        latest: Callable[[], PreviewFrame | None],
        report: Report,
        *,
        asks_for_turns: bool = False,
        tick_s: Callable[[], float] = time.monotonic,
        chance: random.Random | None = None,
    ) -> None:
        super().__init__(NAME, report)
        self._choice = choice
        self._latest = latest
        self._asks_for_turns = asks_for_turns
        self._tick_s = tick_s
        self._chance = chance
        self._orders: queue.SimpleQueue[_Order] = queue.SimpleQueue()
        self._eye: Eye | None = None
        self._reference: Enrolment | None = None
        self._id_reference: Enrolment | None = None
        self._id_likeness: list[float] = []
        self._try_wanted = False
        self._trial: Trial | None = None
        self._straight: list[FaceSeen] = []
        self._lives: list[float] = []
        self._blinks = BlinkWatch()
        self._probe: LivenessProbe | None = None
        self._matched: Comparison | None = None
        self.known: Enrolment | None = None
        """The reference that the newest try matched. Thread: any reads."""
        self._sequence: int | None = None
        self._fresh_tick_s = 0.0

    def enrol(self, photo: bytes, id_photo: bytes = b"") -> None:
        """Make the reference from the roster's photo (JPEG or PNG). Thread: any.

        Args: id_photo: of the ID card (人证); then the live face must be like both.
        """
        self._orders.put(_Enrol(photo, id_photo))

    def begin_try(self) -> None:
        """Compare the next looks and decide; waits for a reference. Thread: any."""
        self._orders.put(_Begin())

    def forget(self) -> None:
        """Drop the reference and a running try; nothing of the face is left. Thread: any."""
        self._orders.put(_Forget())

    def turn(self, stop: threading.Event) -> None:
        """Load once; then obey, look, wait. Thread: the examiner's."""
        if self._eye is None:
            self._eye = self._wake()
            if self._eye is None:
                self.ask_to_stop()
                return
        self._obey(self._eye)
        began_tick_s = self._tick_s()
        if self._look(self._eye, began_tick_s):
            stop.wait(max(0.0, LOOK_EVERY_S - (self._tick_s() - began_tick_s)))
        else:
            stop.wait(ASK_EVERY_S)

    def leave(self) -> None:
        """Forget the face with the thread."""
        self._reference = self._id_reference = self.known = None
        self._drop_try()
        if self._eye is not None:
            self._eye = None
            give_back()  # the nets are 40 MB, what they worked in three times that

    def _wake(self) -> Eye | None:
        # Imported here, in the worker: insightface brings SciPy and scikit-image, a second that
        # the first paint must not wait for.
        from zhishiyun_client.face.login_eye import open_eye

        try:
            eye = open_eye(self._choice)
        except ZhishiyunError as error:
            self._report(ExaminerUnavailable(error.code, error.message, error.zh))
            return None
        self._fresh_tick_s = self._tick_s()
        self._report(ExaminerReady(eye.facts))
        return eye

    def _obey(self, eye: Eye) -> None:
        """Carry out what was asked since the last look."""
        while not self._orders.empty():
            match self._orders.get():
                case _Enrol(photo, id_photo):
                    made = eye.enrol(id_photo) if id_photo else None
                    self._take_reference(eye.enrol(photo), made)
                case _Begin():
                    self._try_wanted = True
                case _Forget():
                    self._reference = self._id_reference = self.known = None
                    self._try_wanted = False
                    self._drop_try()

    def _take_reference(
        self, made: Enrolment | ReferenceFault, of_id: Enrolment | ReferenceFault | None
    ) -> None:
        for one in (made, of_id):
            if isinstance(one, ReferenceFault):
                self._report(ReferenceRefused(one))
                return
        self._reference = made if isinstance(made, Enrolment) else None
        self._id_reference = of_id if isinstance(of_id, Enrolment) else None
        self._report(ReferenceTaken())

    def _look(self, eye: Eye, tick_s: float) -> bool:
        """Look at the newest frame; whether there was a new one."""
        if self._try_wanted and self._reference is not None:
            self._drop_try()
            self._trial, self._try_wanted = Trial(eye.thresholds, tick_s), False
        frame = self._latest()
        if frame is None or frame.sequence == self._sequence:
            if tick_s - self._fresh_tick_s >= SILENT_AFTER_S:
                self._fresh_tick_s = tick_s
                self._tell(self._sequence or 0, Hint.NO_PICTURE, None)
            self._decide(eye, tick_s)
            return False
        self._sequence, self._fresh_tick_s = frame.sequence, tick_s
        glance = eye.glance(frame)
        if self._trial is not None or self._probe is not None:
            self._blinks.take(eye.openness(glance), tick_s)
        if self._probe is not None:
            hint = self._challenge(eye, glance, self._probe, tick_s)
        else:
            hint = glance.hint
            self._compare(eye, glance)
        self._tell(frame.sequence, hint, glance.faces[0].box if glance.faces else None)
        self._decide(eye, tick_s)
        return True

    def _compare(self, eye: Eye, glance: Glance) -> None:
        """Count the look in the running try, good or spoiled."""
        if self._trial is None or self._reference is None:
            return
        if glance.counts:
            self._trial.take(self._likeness(eye, glance, self._reference))
            self._straight.append(glance.faces[0])
            if eye.passive is not None:
                self._lives.append(eye.passive.score(glance.picture, glance.faces[0]))
        elif glance.hint is not None:
            self._trial.spoil(glance.hint)

    def _likeness(self, eye: Eye, glance: Glance, reference: Enrolment) -> float:
        """Of one look; with an ID card's photo the lesser of the two decides."""
        live = eye.embed(glance)
        likeness = float(live @ reference.embedding)
        if self._id_reference is None:
            return likeness
        self._id_likeness.append(float(live @ self._id_reference.embedding))
        return min(likeness, self._id_likeness[-1])

    def _challenge(
        self, eye: Eye, glance: Glance, probe: LivenessProbe, tick_s: float
    ) -> Hint | None:
        """Show the probe a look, embedding and all; what to tell the candidate.

        Turning moves, narrows and blurs a face: only a missing or a second one spoils the look.
        """
        if glance.hint in SPOILS_TURNS:
            return glance.hint
        probe.watch(glance.faces[0], eye.embed(glance), tick_s)
        return None if probe.asked is not None else Hint.TURNED_AWAY

    def _tell(self, sequence: int, hint: Hint | None, box: Box | None) -> None:
        if hint is Hint.NO_PICTURE and self._trial is not None:
            self._trial.spoil(hint)
        probe = self._probe
        share = self._trial.taken_share if self._trial is not None else 0.0
        if probe is not None:
            share = (1 + 2 * probe.done_share) / 3
        elif self._asks_for_turns:
            share /= 3
        self._report(FaceHint(sequence, hint, box, share, probe.asked if probe else None))

    def _decide(self, eye: Eye, tick_s: float) -> None:
        """End the running try when it has a verdict."""
        if self._probe is not None and self._matched is not None:
            self._decide_turns(eye, self._probe, self._matched, tick_s)
            return
        if self._trial is None:
            return
        outcome = self._trial.outcome(tick_s)
        if outcome is None:
            return
        obstacle = self._trial.obstacle if outcome.verdict is Verdict.UNDECIDED else None
        reference, straight = self._reference, self._straight
        outcome = self._unless_lifeless(eye, outcome)
        cues, id_score = self._cues(eye), self._id_score()
        if outcome.verdict is Verdict.MATCHED and self._asks_for_turns and reference is not None:
            lines = eye.thresholds
            self._trial, self._straight, self._matched = None, [], outcome
            self._probe = HeadTurns(
                random_turns(self._chance),
                straight_from(straight),
                reference.embedding,
                Lines(lines.presence_same.value, lines.presence_other.value),
                tick_s,
            )
            return
        self._drop_try()
        self.known = reference if outcome.verdict is Verdict.MATCHED else None
        facts = str(eye.facts)
        self._report(
            FaceDecision(
                outcome.verdict,
                outcome.score,
                outcome.frames,
                facts,
                obstacle,
                cues=cues,
                id_score=id_score,
            )
        )

    def _decide_turns(
        self, eye: Eye, probe: LivenessProbe, matched: Comparison, tick_s: float
    ) -> None:
        """End the try when the turns are made, or are not."""
        outcome = probe.wait(tick_s)
        if outcome is LivenessOutcome.WAITING:
            return
        passed = outcome is LivenessOutcome.PASSED
        self.known = self._reference if passed else None
        verdict = Verdict.MATCHED if passed else Verdict.NOT_MATCHED
        cues, id_score = self._cues(eye), self._id_score()
        self._drop_try()
        self._report(
            FaceDecision(
                verdict,
                matched.score,
                matched.frames,
                str(eye.facts),
                liveness=probe.report,
                cues=cues,
                id_score=id_score,
            )
        )

    def _id_score(self) -> float | None:
        """The median likeness to the ID card's photo; None where there is none."""
        return median(self._id_likeness) if self._id_likeness else None

    def _cues(self, eye: Eye) -> tuple[str, ...]:
        """What else was seen of life in this try."""
        if eye.passive is None or not self._lives:
            return (self._blinks.report,)
        return (f"{eye.passive.name}={median(self._lives):.2f}", self._blinks.report)

    def _unless_lifeless(self, eye: Eye, outcome: Comparison) -> Comparison:
        """A match fails where an operator made the passive net a gate, and it says no."""
        lifeless = (
            eye.passive is not None
            and bool(self._lives)
            and eye.passive.refuses(median(self._lives))
        )
        if lifeless and outcome.verdict is Verdict.MATCHED:
            return Comparison(Verdict.NOT_MATCHED, outcome.score, outcome.frames)
        return outcome

    def _drop_try(self) -> None:
        """Nothing of a try is left."""
        self._trial, self._straight, self._probe, self._matched = None, [], None, None
        self._lives, self._blinks, self._id_likeness = [], BlinkWatch(), []
