"""The recorder's worker that looks who sits there, once or twice a second, from the preview."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from zhishiyun_client.face.choice import PackChoice
from zhishiyun_client.face.liveness import Lines
from zhishiyun_client.face.presence import PresenceRule, Sight
from zhishiyun_client.ports.faces import (
    Enrolment,
    FaceSeen,
    Hint,
    PresenceChanged,
    PresenceOff,
)
from zhishiyun_client.ports.preview import PreviewFrame
from zhishiyun_client.ports.watching import Finding
from zhishiyun_client.runtime.clock import monotonic_us
from zhishiyun_client.runtime.worker import Report, Worker
from zhishiyun_protocol.errors import ZhishiyunError

if TYPE_CHECKING:
    from zhishiyun_client.face.eye import Eye, Glance

NAME = "presence"
COMPARE_EVERY = 2
"""Every other look is compared: finding a face costs 24 ms of a core, comparing it 33 more."""

COUNTED_PX = 60.0
"""Narrower second faces are posters and people in a corridor. Source: research, face.md §6."""

COMPARED_ALL_THE_SAME = frozenset({Hint.SEVERAL, Hint.COVERED})
"""A covered lower half leaves the likeness at 0.74. Source: docs/measured/face.md."""

BLIND_AFTER_US = 3_000_000
"""No new picture for so long: who sits there is not known."""


class PresenceWatch(Worker):
    """Loads the pack at once, looks as soon as it is told to, and keeps nothing.

    Reports: PresenceOff once if the pack does not load; every `Finding`; PresenceChanged.

    Args:
        latest:    the newest preview frame; called in this worker's thread.
        reference: of the login; None: nobody's face is known, faces are only counted.
        per_s:     looks a second.
    """

    def __init__(
        self,
        choice: PackChoice,
        latest: Callable[[], PreviewFrame | None],
        report: Report,
        *,
        reference: Enrolment | None,
        per_s: float,
        now_us: Callable[[], int] = monotonic_us,
    ) -> None:
        super().__init__(NAME, report)
        self._choice = choice
        self._latest = latest
        self._reference = reference
        self._beat_s = 1.0 / per_s
        self._now_us = now_us
        self._is_wanted = threading.Event()
        self._eye: Eye | None = None
        self._rule: PresenceRule | None = None
        self._sequence = 0
        self._fresh_us = 0
        self._looks = 0
        self._said: object = None

    def look_from_now_on(self) -> None:
        """The recording has begun. Thread: any."""
        self._is_wanted.set()

    def turn(self, stop: threading.Event) -> None:
        """Load once; then look and wait. Thread: the worker's."""
        if self._eye is None:
            self._eye = self._wake()
            if self._eye is None:
                self.ask_to_stop()
                return
        began_us = self._now_us()
        if self._is_wanted.is_set():
            self._look(self._eye, began_us)
        stop.wait(max(0.05, self._beat_s - (self._now_us() - began_us) / 1_000_000))

    def leave(self) -> None:
        """End what stands; forget the face with the thread."""
        if self._rule is not None:
            self._tell_findings(self._rule.blind(self._now_us()))
        self._reference = self._rule = self._eye = None

    def _wake(self) -> Eye | None:
        # Imported here, in the worker: ONNX Runtime is half a second that nobody must wait for.
        from zhishiyun_client.face.watching_eye import open_watching_eye

        try:
            eye = open_watching_eye(self._choice)
        except ZhishiyunError as error:
            self._report(PresenceOff(error.code))
            return None
        reference = self._reference
        if reference is not None and str(reference.pack) != str(eye.facts):
            self._reference = None  # numbers of another net mean nothing here
        lines = eye.thresholds
        self._rule = PresenceRule(
            Lines(lines.presence_same.value, lines.presence_other.value),
            str(eye.facts),
            knows_face=self._reference is not None,
        )
        return eye

    def _look(self, eye: Eye, at_us: int) -> None:
        rule, frame = self._rule, self._latest()
        if rule is None:
            return
        if frame is None or frame.sequence == self._sequence:
            if at_us - self._fresh_us >= BLIND_AFTER_US:
                self._tell_findings(rule.blind(at_us))
                self._tell_seen(rule)
            return
        self._sequence, self._fresh_us = frame.sequence, at_us
        self._tell_findings(rule.take(self._sight(eye, eye.glance(frame)), at_us))
        self._tell_seen(rule)

    def _sight(self, eye: Eye, glance: Glance) -> Sight:
        counted = sum(_counts(face) for face in glance.faces[1:]) + bool(glance.faces)
        self._looks += 1
        # A second face or a mask does not spoil the look at the first; a turned head does.
        is_good = not any(hint.spoils for hint in glance.hints - COMPARED_ALL_THE_SAME)
        is_due = self._looks % COMPARE_EVERY == 0 and counted > 0
        similarity = None
        if self._reference is not None and is_due and is_good:
            similarity = eye.similarity(glance, self._reference)
        return Sight(counted, similarity, glance.covered, glance.is_cut_off)

    def _tell_findings(self, findings: list[Finding]) -> None:
        for finding in findings:
            self._report(finding)

    def _tell_seen(self, rule: PresenceRule) -> None:
        if rule.seen is not self._said:
            self._said = rule.seen
            self._report(PresenceChanged(rule.seen))


def _counts(face: FaceSeen) -> bool:
    return face.width_px >= COUNTED_PX
