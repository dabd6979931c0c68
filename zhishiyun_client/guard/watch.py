"""The watch: one thread that lets every watcher look at its beat and reports each finding."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from zhishiyun_client.guard import displays
from zhishiyun_client.guard.standing import Standing
from zhishiyun_client.guard.watchers import Watcher, see_programs
from zhishiyun_client.ports.watching import DisplayProbe, Finding, ProcessProbe, WindowProbe
from zhishiyun_client.runtime.clock import monotonic_us
from zhishiyun_client.runtime.worker import Report, Worker

__all__ = ["EntryLook", "Watch", "monotonic_us"]


class Watch(Worker):
    """Reports `Finding`s, each when it begins and again when it is over; `Crashed` if it fails.

    Whatever stands when it is told to stop is reported as ended then.
    """

    def __init__(self, watchers: Sequence[Watcher], report: Report) -> None:
        super().__init__("watch", report)
        self._watchers = tuple(watchers)
        self._due_s = [0.0] * len(self._watchers)

    def turn(self, stop: threading.Event) -> None:
        """Let whoever is due look, then wait for the next."""
        for index, watcher in enumerate(self._watchers):
            now_s = time.monotonic()
            if now_s >= self._due_s[index]:
                self._due_s[index] = now_s + watcher.beat_s
                self._say(watcher.look(monotonic_us()))
        wait_s = min(self._due_s, default=time.monotonic() + 1.0) - time.monotonic()
        stop.wait(max(0.0, wait_s))

    def leave(self) -> None:
        """End what stands."""
        for watcher in self._watchers:
            self._say(watcher.end(monotonic_us()))

    def _say(self, findings: tuple[Finding, ...]) -> None:
        for finding in findings:
            self._report(finding)


class EntryLook:
    """Implements `FindingProbe`: one look before entry, and whenever 【重新检测】 is pressed.

    Thread: any. `screens` and `windows` must not be shared with the watch.
    """

    def __init__(
        self,
        processes: ProcessProbe,
        windows: WindowProbe,
        screens: DisplayProbe,
        *,
        one_display: bool,
        rules_version: str,
    ) -> None:
        self._processes = processes
        self._windows = windows
        self._screens = screens
        self._one_display = one_display
        self._rules_version = rules_version
        self._lock = threading.Lock()

    def look(self, now_us: int) -> tuple[Finding, ...]:
        """The findings that stand now."""
        with self._lock:
            sights = (
                *displays.judge(self._screens.displays(), one_display=self._one_display),
                *see_programs(self._processes, self._windows),
            )
        return Standing(self._rules_version).update(sights, now_us)
