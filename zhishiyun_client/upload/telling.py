"""Reports of the uploader: progress at most twice a second, every alarm once."""

from __future__ import annotations

from collections.abc import Callable

from zhishiyun_client.ports.uploading import Progress, UploadBroken
from zhishiyun_client.runtime.worker import Report

EVERY_S = 0.5


class Teller:
    """Thins out what is said. Thread: the pump's."""

    def __init__(self, report: Report, clock: Callable[[], float]) -> None:
        self._report = report
        self._clock = clock
        self._last: Progress | None = None
        self._last_s = float("-inf")
        self._alarms: set[tuple[str, int | None]] = set()

    def progress(self, progress: Progress, *, at_once: bool = False) -> None:
        """Report what changed; `at_once` for the few moments that must not be missed."""
        now_s = self._clock()
        if progress == self._last or (now_s - self._last_s < EVERY_S and not at_once):
            return
        self._last, self._last_s = progress, now_s
        self._report(progress)

    def broken(self, alarm: UploadBroken) -> None:
        """Report an alarm, the same one only once."""
        key = (alarm.code, alarm.first_byte)
        if key not in self._alarms:
            self._alarms.add(key)
            self._report(alarm)
