"""A still picture that comes anew every few seconds, or words while there is none."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QWidget

from zhishiyun_client.i18n.words import Words
from zhishiyun_client.ui.parts.part import Tools
from zhishiyun_client.ui.theme import RADIUS_PX, Colour, Type, font

WIDTH_PX, HEIGHT_PX = 240, 180


class Still(QWidget):
    """Shows the whole picture, whatever its shape; a phone may stand upright."""

    def __init__(self, tools: Tools) -> None:
        super().__init__()
        self._tools = tools
        self._words = ""
        self._jpeg = b""
        self._image: QImage | None = None
        self.setFixedSize(WIDTH_PX, HEIGHT_PX)

    def show_jpeg(self, jpeg: bytes, otherwise: Words) -> None:
        """Show a picture; while there is none, words."""
        words = self._tools.speaker.say(otherwise)
        if (jpeg, words) == (self._jpeg, self._words):
            return
        self._jpeg, self._words = jpeg, words
        image = QImage.fromData(jpeg) if jpeg else QImage()
        self._image = None if image.isNull() else image
        self.update()

    def has_picture(self) -> bool:
        """Whether a picture is on the screen."""
        return self._image is not None

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The picture in the middle, or the words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(self.rect()), RADIUS_PX, RADIUS_PX)
        painter.setClipPath(shape)
        painter.fillRect(self.rect(), QColor(Colour.NIGHT))
        if self._image is None:
            painter.setPen(QColor(Colour.ON_NIGHT))
            painter.setFont(font(Type.SMALL))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect(), flags, self._words)
            return
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        left, top = (self.width() - size.width()) // 2, (self.height() - size.height()) // 2
        painter.drawImage(QRectF(left, top, size.width(), size.height()), self._image)
