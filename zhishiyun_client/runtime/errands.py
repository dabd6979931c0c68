"""Errands: calls that may wait (network, disk) are run off the UI thread."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from zhishiyun_client.runtime.trays import Line
from zhishiyun_client.runtime.worker import Report, Worker
from zhishiyun_protocol.errors import Fixable, ZhishiyunError

LOG = logging.getLogger(__name__)
Result = TypeVar("Result")
WAIT_S = 0.5
CAPACITY = 256  # far above what a candidate's clicks can make; a full line is a fault worth a crash


@dataclass(frozen=True, slots=True)
class Errand(Generic[Result]):
    """One call and who gets its result; `done` and `failed` are called in the UI thread."""

    name: str
    call: Callable[[], Result]
    done: Callable[[Result], None]
    failed: Callable[[ZhishiyunError], None]


@dataclass(frozen=True, slots=True)
class ErrandDone:
    """A report: the call returned."""

    errand: Errand[object]
    result: object

    def deliver(self) -> None:
        """Hand the result over. Thread: ui."""
        self.errand.done(self.result)


@dataclass(frozen=True, slots=True)
class ErrandFailed:
    """A report: the call failed with one of our errors."""

    errand: Errand[object]
    error: ZhishiyunError

    def deliver(self) -> None:
        """Hand the error over. Thread: ui."""
        self.errand.failed(self.error)


class ErrandRunner(Worker):
    """One of several threads that take errands from the same line.

    An error that nobody expected is logged and fails its errand like any other: whoever waits for
    it must hear of it, and the errands behind it must be run.
    """

    def __init__(self, name: str, line: Line[Errand[object]], report: Report) -> None:
        super().__init__(name, report)
        self._line = line

    def turn(self, stop: threading.Event) -> None:
        """Do the next errand."""
        errand = self._line.take(within_s=WAIT_S)
        if errand is None or stop.is_set():
            return
        try:
            result = errand.call()
        except ZhishiyunError as error:
            self._report(ErrandFailed(errand, error))
        except Exception as error:  # the boundary of somebody else's call
            LOG.error("errand %s: an error nobody expected", errand.name, exc_info=error)
            self._report(ErrandFailed(errand, _unexpected()))
        else:
            self._report(ErrandDone(errand, result))


def _unexpected() -> Fixable:
    return Fixable(
        "UNEXPECTED",
        "Something unexpected went wrong; the recording goes on. Try again, or ask for help.",
        "出现意外问题，录制不受影响。请重试，或点击【求助】。",
    )


class ErrandLine:
    """A line of errands and the threads that work on it; with one thread, errands keep order."""

    def __init__(self, name: str, threads: int, report: Report) -> None:
        self._line: Line[Errand[object]] = Line(CAPACITY)
        names = [name] if threads == 1 else [f"{name}-{n}" for n in range(1, threads + 1)]
        self.workers = tuple(ErrandRunner(each, self._line, report) for each in names)

    def run(self, errand: Errand[Result]) -> None:
        """Queue an errand. Thread: any."""
        self._line.put(errand)  # type: ignore[arg-type]
