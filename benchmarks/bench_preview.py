"""What it costs to show the camera's picture on the desk, both ends together.

A feeder does what the camera's thread does for the preview (make it smaller, put it into the shared
memory) fifteen times a second; the desk's own widget takes and paints it, at the size it has in the
panel and at the size it has on the page of device preparation, on a virtual desktop. Subtracted is
the same with the preview hidden and nothing fed. Ours is the processor share, the anchor the bound
of three per cent. Rounds alternate.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import cv2
import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from benchmarks.outcome import report
from zhishiyun_client.capture.preview_memory import (
    HEIGHT_PX,
    WIDTH_PX,
    PreviewMemory,
    PreviewReader,
)
from zhishiyun_client.i18n.catalog import Speaker
from zhishiyun_client.rehearsal.desktop import DesktopSize, VirtualDesktop
from zhishiyun_client.ui.parts.part import Tools
from zhishiyun_client.ui.parts.preview import Preview
from zhishiyun_client.ui.pictures import Pictures

BOUND_CORES = 0.03
FPS = 15
RUN_S = 10.0
ROUNDS = 3
SIZES = {"panel": (280, 158), "device page": (640, 360)}
RESOURCES = Path(__file__).resolve().parents[1] / "resources"


class Feeder:
    """Puts pictures of a camera into the memory, as `capture.camera` does."""

    def __init__(self, memory: PreviewMemory) -> None:
        self._memory = memory
        chance = np.random.default_rng(2026)
        self._pictures = [chance.integers(0, 256, (720, 1280, 3), np.uint8) for _ in range(4)]
        self._fed = 0

    def feed(self) -> None:
        """One picture."""
        picture = self._pictures[self._fed % len(self._pictures)]
        self._fed += 1
        small = cv2.resize(picture, (WIDTH_PX, HEIGHT_PX), interpolation=cv2.INTER_LINEAR)
        self._memory.put(small.data.cast("B"), WIDTH_PX, HEIGHT_PX)


def main() -> int:
    """Measure with and without, in turn."""
    cv2.setNumThreads(1)
    with VirtualDesktop(DesktopSize(1366, 768)) as desktop:
        os.environ.update(desktop.environment)
        QApplication([])
        memory, reader = PreviewMemory(), PreviewReader()
        reader.look_at(memory.name)
        tools = Tools(Speaker(RESOURCES / "texts"), Pictures(RESOURCES / "pictures"), reader)
        costs: dict[str, list[float]] = {name: [] for name in SIZES}
        for _ in range(ROUNDS):
            for name, size in SIZES.items():
                shown = _cores(tools, Feeder(memory), size)
                costs[name].append(shown - _cores(tools, None, size))
        reader.close()
        memory.close()
    for name, found in costs.items():
        print(f"  {name}: {', '.join(f'{cores:.4f}' for cores in found)} cores")
    report("preview", costs["panel"], [BOUND_CORES], "cores")
    return 0


def _cores(tools: Tools, feeder: Feeder | None, size: tuple[int, int]) -> float:
    """Processor time of this process a second, while the window stands there."""
    window = Preview(tools)
    window.setFixedSize(*size)
    timer = QTimer(window)
    timer.setInterval(1000 // FPS)
    if feeder is not None:
        timer.timeout.connect(feeder.feed)
        window.show()
        timer.start()
    _run(1.0)
    before_s, began_s = time.process_time(), time.monotonic()
    _run(RUN_S)
    cores = (time.process_time() - before_s) / (time.monotonic() - began_s)
    timer.stop()
    window.close()
    window.deleteLater()
    return cores


def _run(seconds: float) -> None:
    """Let the event loop run for so long."""
    end = QTimer()
    end.setSingleShot(True)
    end.timeout.connect(QApplication.quit)
    end.start(round(seconds * 1000))
    QApplication.exec()


if __name__ == "__main__":
    sys.exit(main())
