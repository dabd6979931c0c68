"""Vector pictures from resources/pictures, drawn in a colour of the palette."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer


class Pictures:
    """Reads each SVG once; `currentColor` in it becomes the colour asked for.

    Thread: ui.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._sources: dict[str, str] = {}
        self._drawn: dict[tuple[str, str, int, float], QPixmap] = {}

    def pixmap(self, name: str, colour: str, size_px: int, ratio: float = 1.0) -> QPixmap:
        """The picture, square, sharp at this device pixel ratio."""
        wanted = (name, str(colour), size_px, ratio)
        if wanted not in self._drawn:
            self._drawn[wanted] = self._draw(name, colour, size_px, ratio)
        return self._drawn[wanted]

    def icon(self, name: str, colour: str, off_colour: str, size_px: int) -> QIcon:
        """An icon for a button, with its state for a button that is off."""
        made = QIcon()
        for ratio in (1.0, 2.0):
            made.addPixmap(self.pixmap(name, colour, size_px, ratio), QIcon.Mode.Normal)
            made.addPixmap(self.pixmap(name, off_colour, size_px, ratio), QIcon.Mode.Disabled)
        return made

    def _draw(self, name: str, colour: str, size_px: int, ratio: float) -> QPixmap:
        if name not in self._sources:
            self._sources[name] = (self.folder / f"{name}.svg").read_text("utf-8")
        svg = self._sources[name].replace("currentColor", str(colour))
        drawn = QPixmap(QSize(round(size_px * ratio), round(size_px * ratio)))
        drawn.setDevicePixelRatio(ratio)
        drawn.fill(Qt.GlobalColor.transparent)
        painter = QPainter(drawn)
        QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, size_px, size_px))
        painter.end()
        return drawn
