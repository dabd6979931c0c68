"""One process of the face check with the two threads that speak to it and hear it."""

from __future__ import annotations

import contextlib
import logging
import subprocess
import threading
from collections.abc import Callable, Sequence
from typing import IO

import msgspec

from zhishiyun_client.app.voice import Voice
from zhishiyun_client.ports.examining import ToExaminer, Told, order_line, told_of
from zhishiyun_client.runtime.clock import monotonic_us
from zhishiyun_client.runtime.worker import Report, Worker

LOG = logging.getLogger(__name__)
SILENT_US = 30_000_000
"""It speaks at least every other second; loading takes two, on a starved machine ten times that."""

GOES_WITHIN_S = 2.0


class FaceChild:
    """A running process. Thread: `say` any, the rest its owner's.

    Args:
        hear: takes what it tells. Thread: the ear's.

    Raises:
        OSError: it cannot be started.
    """

    def __init__(
        self, command: Sequence[str], hear: Callable[[Told], None], report: Report
    ) -> None:
        self._process = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("both were asked for")
        self._pipes = self._process.stdin, self._process.stdout
        self._voice = Voice("examiner-voice", report)
        self._voice.use(_Mouthpiece(self._process.stdin))
        self._ear = _Ear(self._process.stdout, hear, report)
        self._voice.start()
        self._ear.start()

    def say(self, order: ToExaminer) -> None:
        """Send an order; never waits."""
        self._voice.say(order_line(order))

    @property
    def ailment(self) -> str:
        """What is wrong with it, "" while all is well."""
        if self._process.poll() is not None:
            return f"ended with code {self._process.returncode}"
        return "hangs" if monotonic_us() - self._ear.heard_us > SILENT_US else ""

    def end(self) -> None:
        """Let it go at once: it holds nothing that anybody will ask for again."""
        self._process.kill()
        self._process.wait()
        late = [one.name for one in (self._voice, self._ear) if not one.stop(GOES_WITHIN_S)]
        if late:
            LOG.warning("%s did not stop in time", late)
            return
        for pipe in self._pipes:
            with contextlib.suppress(OSError):  # what was not sent yet goes with it
                pipe.close()


class _Mouthpiece:
    """Sends whole lines; `Speaks` for a `Voice`."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe

    def send_bytes(self, data: bytes) -> None:
        self._pipe.write(data)
        self._pipe.flush()


class _Ear(Worker):
    """Thread "examiner-ear": one report a turn, until the pipe is closed."""

    def __init__(self, pipe: IO[bytes], hear: Callable[[Told], None], report: Report) -> None:
        super().__init__("examiner-ear", report)
        self._pipe = pipe
        self._hear = hear
        self.heard_us = monotonic_us()

    def turn(self, stop: threading.Event) -> None:
        line = self._pipe.readline()
        if not line or stop.is_set():
            self.ask_to_stop()
            return
        self.heard_us = monotonic_us()
        try:
            self._hear(told_of(line))
        except msgspec.DecodeError as error:
            LOG.error("the face check said something unknown: %s", error)
