"""Presence in the recorder: the worker, its own view of the preview, and the face in memory."""

from __future__ import annotations

import logging

import numpy as np

from zhishiyun_client.capture.preview_memory import PreviewReader
from zhishiyun_client.face.choice import chosen_pack
from zhishiyun_client.face.presence_worker import PresenceWatch
from zhishiyun_client.ports.faces import Enrolment, PackFacts
from zhishiyun_client.ports.recorder import WatchFace
from zhishiyun_client.ports.watching import Finding
from zhishiyun_client.runtime.worker import Report
from zhishiyun_protocol.signing import from_text

LOG = logging.getLogger(__name__)
STOP_WITHIN_S = 2.0


def reference_of(said: WatchFace) -> Enrolment | None:
    """The face that the desk knows; None where it knows none."""
    if not said.embedding or len(said.pack) != 3:
        return None
    numbers = np.frombuffer(from_text(said.embedding), "<f4").astype(np.float32)
    return Enrolment(numbers, PackFacts(*said.pack))


class RecorderPresence:
    """One watch at a time; made when the desk knows the candidate. Thread: the core's."""

    def __init__(self, preview: PreviewReader, report: Report) -> None:
        self._preview = preview
        self._report = report
        self._watch: PresenceWatch | None = None
        self._said: WatchFace | None = None
        self._last: list[Finding] | None = None

    @property
    def is_wanted(self) -> bool:
        """Whether somebody looks at the preview here."""
        return self._watch is not None

    def take(self, said: WatchFace, *, is_recording: bool) -> None:
        """Load now, while nothing is recorded; look when the recording runs."""
        if said == self._said:
            return
        self.end()
        if said.per_s <= 0:
            return
        self._said = said
        self._watch = PresenceWatch(
            chosen_pack(),
            self._preview.latest,
            self._post,
            reference=reference_of(said),
            per_s=said.per_s,
        )
        self._watch.start()
        if is_recording:
            self._watch.look_from_now_on()

    def begin(self) -> None:
        """The recording has begun."""
        if self._watch is not None:
            self._watch.look_from_now_on()

    def end(self) -> tuple[Finding, ...]:
        """Stop looking and forget the face; the findings that ended with it."""
        last: list[Finding] = []
        self._last = last
        if self._watch is not None and not self._watch.stop(STOP_WITHIN_S):
            LOG.warning("presence did not stop in time")
        self._watch = self._said = self._last = None
        return tuple(last)

    def drop(self) -> None:
        """It crashed: the recording is worth more than a second try."""
        self._watch = self._said = None

    def _post(self, report: object) -> None:
        """Thread: the watch's."""
        last = self._last
        if last is not None and isinstance(report, Finding):
            last.append(report)
        else:
            self._report(report)
