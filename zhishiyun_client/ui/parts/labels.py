"""Labels of the type scale, and small pictures."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from zhishiyun_client.ui.parts.part import mark
from zhishiyun_client.ui.pictures import Pictures
from zhishiyun_client.ui.theme import Colour


def label(role: str = "", *, wraps: bool = True) -> QLabel:
    """A label with a role of the style sheet; plain text, never markup."""
    made = QLabel()
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wraps)
    if role:
        made.setProperty("role", role)
    return made


def chip(tone: str = "") -> QLabel:
    """A short state in a rounded field."""
    made = label("chip", wraps=False)
    made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    mark(made, "tone", tone)
    return made


class ElidedLabel(QLabel):
    """One line that ends in … where it is too long; the whole is the tool tip."""

    def __init__(self, role: str = "") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._whole = ""

    def text(self) -> str:
        """The whole text, not the shortened one."""
        return self._whole

    def setText(self, whole: str) -> None:
        """Show this text, shortened as needed."""
        self._whole = whole
        self._shorten()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten anew."""
        super().resizeEvent(event)
        self._shorten()

    def _shorten(self) -> None:
        short = self.fontMetrics().elidedText(
            self._whole, Qt.TextElideMode.ElideRight, self.width()
        )
        super().setText(short)
        self.setToolTip(self._whole if short != self._whole else "")


class Icon(QWidget):
    """A picture of the set, in one colour, sharp at every scaling."""

    def __init__(
        self, pictures: Pictures, name: str, colour: str = Colour.INK, size_px: int = 22
    ) -> None:
        super().__init__()
        self._pictures = pictures
        self._name, self._colour, self._size_px = name, str(colour), size_px
        self.setFixedSize(QSize(size_px, size_px))

    def choose(self, name: str, colour: str) -> None:
        """Show another picture or colour."""
        if (name, str(colour)) != (self._name, self._colour):
            self._name, self._colour = name, str(colour)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        ratio = self.devicePixelRatioF()
        painter.drawPixmap(
            0, 0, self._pictures.pixmap(self._name, self._colour, self._size_px, ratio)
        )
