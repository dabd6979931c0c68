"""Worker: turns, reports, crashes, stopping with a deadline."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from zhishiyun_client.runtime.worker import Crashed, Report, Worker


@dataclass(frozen=True)
class Tick:
    """A report of the counter below."""

    n: int


class Counter(Worker):
    """Reports 0..upto-1, then idles on the stop event."""

    def __init__(self, report: Report, upto: int) -> None:
        super().__init__("counter", report)
        self.n = 0
        self.upto = upto
        self.done = threading.Event()
        self.left = 0

    def turn(self, stop: threading.Event) -> None:
        if self.n < self.upto:
            self._report(Tick(self.n))
            self.n += 1
            return
        self.done.set()
        stop.wait(10)

    def leave(self) -> None:
        self.left += 1


class Failing(Worker):
    """Fails in its first turn, and again when leaving."""

    def turn(self, stop: threading.Event) -> None:
        raise OSError("camera gone")

    def leave(self) -> None:
        raise ValueError("nor could it be closed")


class Hanging(Worker):
    """Ignores the stop event until released."""

    def __init__(self, report: Report) -> None:
        super().__init__("hanging", report)
        self.release = threading.Event()
        self.inside = threading.Event()

    def turn(self, stop: threading.Event) -> None:
        self.inside.set()
        self.release.wait(10)


def test_reports_arrive_in_order_and_a_stop_is_prompt():
    seen: list[object] = []
    worker = Counter(seen.append, 100)

    worker.start()
    assert worker.done.wait(5)

    assert worker.stop(2)
    assert seen == [Tick(n) for n in range(100)]
    assert worker.left == 1
    assert not worker.is_running


def test_a_crash_is_a_report_and_the_worker_still_leaves():
    seen: list[object] = []
    worker = Failing("camera", seen.append)

    worker.start()
    assert worker.stop(5)

    assert [type(r) for r in seen] == [Crashed, Crashed]
    first, second = seen
    assert isinstance(first, Crashed)
    assert first.worker == "camera"
    assert isinstance(first.error, OSError)
    assert isinstance(second, Crashed)
    assert isinstance(second.error, ValueError)


def test_stop_says_so_when_a_worker_hangs():
    worker = Hanging(lambda report: None)
    worker.start()
    assert worker.inside.wait(5)

    assert worker.stop(0.05) is False

    worker.release.set()
    assert worker.stop(5) is True


def test_a_worker_never_started_is_already_stopped():
    assert Counter(print, 0).stop(0.1) is True
