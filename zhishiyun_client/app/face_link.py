"""The desk's hold on the face check, which runs in a process of its own (`app/face_process.py`).

It may crash or hang like anything that works with pictures and nets. Once it is started again and
the try begins anew; the second time the way on is the technician's check. The desk never waits.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from zhishiyun_client.app.face_child import FaceChild
from zhishiyun_client.ports.examining import BeginTry, Enrol, KnownFace, LookAt, ToExaminer, Told
from zhishiyun_client.ports.faces import ExaminerUnavailable, FaceDecision
from zhishiyun_client.runtime.worker import Report, Worker

LOG = logging.getLogger(__name__)
NAME = "examiner"
GLANCE_S = 0.25
STARTS = 2


class FaceLink(Worker):
    """Thread "examiner": starts the process and watches it. Reports what `face.examiner` does.

    Args:
        command: starts the process.
        preview: the name of the camera's shared memory now. Thread: this worker's.
    """

    def __init__(self, command: Sequence[str], preview: Callable[[], str], report: Report) -> None:
        super().__init__(NAME, report)
        self._command = command
        self._preview = preview
        self._child: FaceChild | None = None
        self._lock = threading.Lock()  # around everything below
        self._photos: Enrol | None = None
        self._is_trying = False
        self._shown = ""
        self._starts = 0
        self._matched: KnownFace | None = None
        self.known: KnownFace | None = None
        """The face that the newest try matched. Thread: any reads."""

    def enrol(self, photo: bytes, id_photo: bytes = b"") -> None:
        """Make the reference from the roster's photo (JPEG or PNG). Thread: any."""
        with self._lock:
            self._photos = Enrol(photo, id_photo)
            self._say(self._photos)

    def begin_try(self) -> None:
        """Compare the next looks and decide. Thread: any."""
        with self._lock:
            self.known, self._is_trying = None, True
            self._say(BeginTry())

    def turn(self, stop: threading.Event) -> None:
        """Start it, or look how it does."""
        if self._child is None:
            self._start()
            return
        self._show()
        stop.wait(GLANCE_S)
        ailment = "" if stop.is_set() else self._child.ailment
        if ailment:
            LOG.warning("the face check %s", ailment)
            self._end_child()
            if self._starts == STARTS:
                self._give_up()

    def leave(self) -> None:
        """Let the process go, and with it all that is known of the face."""
        self._end_child()
        with self._lock:
            self._photos = self._matched = self.known = None

    def _start(self) -> None:
        """Start the process, and order again what was ordered."""
        self._starts += 1
        try:
            child = FaceChild(self._command, self._hear, self._report)
        except OSError as error:
            LOG.error("the face check cannot be started: %s", error.strerror)
            self._give_up()
            return
        with self._lock:
            self._child, self._shown = child, ""
            if self._photos is not None:
                self._say(self._photos)
            if self._is_trying:
                self._say(BeginTry())

    def _end_child(self) -> None:
        with self._lock:
            child, self._child = self._child, None
        if child is not None:
            child.end()

    def _give_up(self) -> None:
        self._report(
            ExaminerUnavailable(
                "FACE_CHECK_DIED", "The face check does not run.", "人脸比对程序无法运行。"
            )
        )
        self.ask_to_stop()

    def _show(self) -> None:
        """Tell where the camera's picture is; a recorder that was started again has another."""
        name = self._preview()
        if name != self._shown:
            with self._lock:
                self._shown = name
                self._say(LookAt(name))

    def _say(self, order: ToExaminer) -> None:
        if self._child is not None:
            self._child.say(order)

    def _hear(self, told: Told) -> None:
        """Thread: the ear's."""
        with self._lock:
            if isinstance(told, KnownFace):
                self._matched = told
                return
            if isinstance(told, FaceDecision):
                self.known = self._matched if told.matched else None
                self._is_trying, self._matched = False, None
        self._report(told)
        if isinstance(told, ExaminerUnavailable):
            self.ask_to_stop()
