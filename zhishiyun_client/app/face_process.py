"""The face check in a process of its own: `zhishiyun face-check`, started by the desk's login.

The nets and their libraries take 250 MB, which Python cannot give back: here they go with the
process (docs/measured/memory.md). Orders come by the standard input, reports go by the standard
output; nothing is logged, and what libraries print goes nowhere. When the desk hangs up it ends.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import IO

from zhishiyun_client.capture.preview_memory import PreviewReader
from zhishiyun_client.face.choice import chosen_pack
from zhishiyun_client.face.examiner import Examiner
from zhishiyun_client.ports.examining import (
    TURNS,
    BeginTry,
    Enrol,
    KnownFace,
    LookAt,
    Told,
    order_of,
    told_line,
)
from zhishiyun_client.ports.faces import FaceDecision
from zhishiyun_client.ports.preview import PreviewFrame
from zhishiyun_client.runtime.dumps import forbid_core_dumps
from zhishiyun_client.runtime.heap import keep_few_pools
from zhishiyun_client.runtime.worker import Crashed

STOP_WITHIN_S = 2.0
EXIT_CRASHED = 3
STDOUT, STDERR = 1, 2


def main(arguments: Sequence[str]) -> int:
    """Look until the desk hangs up. Exit code 3: the examiner crashed; the desk tries once more."""
    keep_few_pools()
    forbid_core_dumps()
    check = FaceCheck(_own_mouth(), asks_for_turns=TURNS in arguments)
    check.start()
    for line in sys.stdin.buffer:
        check.obey(line)
    check.stop()
    return 0


class FaceCheck:
    """The examiner, its eyes on the preview, and its mouth."""

    def __init__(self, mouth: IO[bytes], *, asks_for_turns: bool) -> None:
        self._mouth = mouth
        self._preview = ""
        self._reader = PreviewReader()
        self._examiner = Examiner(
            chosen_pack(), self._latest, self._hear, asks_for_turns=asks_for_turns
        )

    def start(self) -> None:
        """Load the nets and look."""
        self._examiner.start()

    def obey(self, line: bytes) -> None:
        """Carry out one order; what is none ends the process, for both ends are one program."""
        match order_of(line):
            case LookAt(preview):
                self._preview = preview
            case Enrol(photo, id_photo):
                self._examiner.enrol(photo, id_photo)
            case BeginTry():
                self._examiner.begin_try()

    def stop(self) -> None:
        """Forget the face and stop."""
        self._examiner.forget()
        self._examiner.stop(STOP_WITHIN_S)

    def _latest(self) -> PreviewFrame | None:
        self._reader.look_at(self._preview)
        return self._reader.latest()

    def _hear(self, report: object) -> None:
        """Thread: the examiner's."""
        if isinstance(report, Crashed):
            os._exit(EXIT_CRASHED)  # the thread that reads orders cannot be woken otherwise
        known = self._examiner.known
        if isinstance(report, FaceDecision) and report.matched and known is not None:
            self._tell(KnownFace(known.embedding.astype("<f4").tobytes(), known.pack))
        self._tell(report)  # type: ignore[arg-type]  # the examiner reports nothing else

    def _tell(self, told: Told) -> None:
        try:
            self._mouth.write(told_line(told))
            self._mouth.flush()
        except OSError:  # the desk is gone; its end of our input is closed too, which ends us
            self._examiner.ask_to_stop()


def _own_mouth() -> IO[bytes]:
    """The standard output for ourselves alone: what libraries print goes where errors go."""
    mouth = os.fdopen(os.dup(STDOUT), "wb")
    os.dup2(STDERR, STDOUT)
    return mouth
