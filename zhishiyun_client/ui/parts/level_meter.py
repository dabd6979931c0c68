"""How loud it is: a row of segments."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from zhishiyun_client.ui.theme import Colour

_SEGMENTS = 24
_LOUD_FROM = 21


class LevelMeter(QWidget):
    """A level 0…1 as lit segments; the last ones are in the colour of too loud."""

    def __init__(self, height_px: int = 12) -> None:
        super().__init__()
        self._lit = 0
        self._height_px = height_px
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(height_px)

    def show_level(self, share: float) -> None:
        """Light as many segments as the level has."""
        lit = round(max(0.0, min(1.0, share)) * _SEGMENTS)
        if lit != self._lit:
            self._lit = lit
            self.update()

    def sizeHint(self) -> QSize:
        """Wide and low."""
        return QSize(160, self._height_px)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the segments."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        step = self.width() / _SEGMENTS
        for index in range(_SEGMENTS):
            colour = Colour.OFF
            if index < self._lit:
                colour = Colour.CAUTION if index >= _LOUD_FROM else Colour.GOOD
            painter.setBrush(QColor(colour))
            painter.drawRoundedRect(
                QRectF(index * step, 0, max(2.0, step - 3), self.height()), 2, 2
            )
