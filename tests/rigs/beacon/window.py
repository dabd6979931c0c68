"""Shows the time in a corner of the screen, twenty numbers a second, above all other windows."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.rigs.beacon.marks import FLASH_S, SQUARES, squares_of
from tests.rigs.beacon.window_numbers import FPS, NUMBERS, SQUARE_PX

ABOVE = (
    Qt.WindowType.WindowStaysOnTopHint
    | Qt.WindowType.BypassWindowManagerHint
    | Qt.WindowType.FramelessWindowHint
    | Qt.WindowType.WindowDoesNotAcceptFocus
    | Qt.WindowType.Tool
)


class Beacon(QWidget):
    """Paints the number of the moment."""

    def __init__(self) -> None:
        super().__init__(None, ABOVE)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setGeometry(0, 0, (SQUARES + 1) * SQUARE_PX, SQUARE_PX)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._beat)
        self._count = 0
        self._beat()

    def _beat(self) -> None:
        self._count = int(time.monotonic() * FPS)
        self.repaint()
        if self._count % FPS == 0:
            self.raise_()  # a window in full screen may have come above
        wait_s = (self._count + 1) / FPS - time.monotonic()
        self._timer.start(max(0, round(wait_s * 1000 + 0.5)))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        flash = self._count % FPS < FLASH_S * FPS
        for place, lit in enumerate((*squares_of(self._count % NUMBERS), flash)):
            colour = Qt.GlobalColor.white if lit else Qt.GlobalColor.black
            painter.fillRect(place * SQUARE_PX, 0, SQUARE_PX, SQUARE_PX, colour)
        painter.end()


def main() -> int:
    application = QApplication(sys.argv)
    beacon = Beacon()
    beacon.show()
    return application.exec()


if __name__ == "__main__":
    sys.exit(main())
