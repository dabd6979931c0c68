"""How long the desk's event loop keeps a timer waiting while recording (Q: never above 50 ms)."""

from __future__ import annotations

import json
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Slot

from zhishiyun_client.runtime.clock import monotonic_us

BEAT_MS = 50
US_PER_MS = 1000
NOTED_MS = 16  # a frame of the screen
WORST = 8  # the longest waits are kept with their phase and the seconds since it was entered
FILE = "loop.json"
BUCKETS_MS = 1000  # lateness is counted by whole ms, everything above in the last one


class LoopWatch(QObject):
    """A precise timer that notes its own lateness; twenty beats a second cost next to nothing."""

    def __init__(self, home: Path) -> None:
        super().__init__()
        self._file = home / FILE
        self._counts = [0] * (BUCKETS_MS + 1)
        self._due_us = 0
        self._phase, self._phase_us = "", 0
        self._worst: list[tuple[int, str, float]] = []
        self._recording = False
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self._on_beat)

    def enter(self, phase: str, *, recording: bool) -> None:
        """Another phase; watch only while recording."""
        self._phase, self._phase_us = phase, monotonic_us()
        if recording and not self._recording:
            self._due_us = monotonic_us() + BEAT_MS * US_PER_MS
            self._timer.start()
        elif not recording:
            self._timer.stop()
        self._recording = recording

    def write(self) -> None:
        """Leave the result beside the logs; nothing in it is about a person."""
        beats = sum(self._counts)
        if not beats:
            return
        result = {
            "beats": beats,
            "p99_ms": self._quantile(0.99),
            "max_ms": max(late for late, count in enumerate(self._counts) if count),
            "worst": self._worst,
        }
        self._file.write_text(json.dumps(result), encoding="ascii")

    def _quantile(self, share: float) -> int:
        wanted, seen = share * sum(self._counts), 0
        for late_ms, count in enumerate(self._counts):
            seen += count
            if seen >= wanted:
                return late_ms
        return BUCKETS_MS

    @Slot()
    def _on_beat(self) -> None:
        now_us = monotonic_us()
        late_ms = max(0, now_us - self._due_us) // US_PER_MS
        self._counts[min(late_ms, BUCKETS_MS)] += 1
        self._due_us = now_us + BEAT_MS * US_PER_MS
        if late_ms >= NOTED_MS:
            since_s = (now_us - self._phase_us) / (US_PER_MS * 1000)
            self._worst = sorted([*self._worst, (late_ms, self._phase, round(since_s, 1))])[-WORST:]
