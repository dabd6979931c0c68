"""One named thread that works in turns; the only file that makes threads (docs/threads.md).

A worker is subclassed, overrides `turn`, and says everything through the callable it was given:
in the program a relay's `post`, in a test a list's `append`. It knows no Qt.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

Report = Callable[[object], None]
"""Where a worker says what happened; called in the worker's thread, must not block."""


@dataclass(frozen=True, slots=True)
class Crashed:
    """An error nobody expected ended a worker; restarting is its owner's decision."""

    worker: str
    error: BaseException


class Worker:
    """One thread for life: `start` once, turns until `stop`, never restarted.

    Args:
        name:   the thread's name, as in docs/threads.md.
        report: takes frozen values; called in this worker's thread.
    """

    def __init__(self, name: str, report: Report) -> None:
        self.name = name
        self._report = report
        self._stop = threading.Event()
        self._started = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def turn(self, stop: threading.Event) -> None:
        """Do one piece of work; every wait in it is a wait on `stop`. Thread: the worker's."""
        raise NotImplementedError

    def leave(self) -> None:
        """Give back what the turns opened; called once after the last turn, also after a crash."""

    def start(self) -> None:
        """Begin. Thread: any, once."""
        self._started = True
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Ask without waiting, so that several workers can leave at the same time. Thread: any."""
        self._stop.set()

    def stop(self, within_s: float) -> bool:
        """Ask, wait, and tell whether the worker has left. Thread: any but the worker's."""
        self._stop.set()
        if not self._started:
            return True
        self._thread.join(within_s)
        return not self._thread.is_alive()

    def wait(self, within_s: float) -> bool:
        """Wait for a worker that ends by itself; whether it has. Thread: any but the worker's."""
        self._thread.join(within_s)
        return not self._thread.is_alive()

    @property
    def is_running(self) -> bool:
        """Whether the thread is alive."""
        return self._thread.is_alive()

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                self.turn(self._stop)
        except BaseException as error:  # the worker's loop: a crash is a report, never a silence
            self._report(Crashed(self.name, error))
        finally:
            self._leave_reporting()

    def _leave_reporting(self) -> None:
        try:
            self.leave()
        except Exception as error:  # the worker's loop, second half
            self._report(Crashed(self.name, error))
