"""The camera's picture: polls the newest frame while visible, mirrored as in a glass."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QColor,
    QHideEvent,
    QImage,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QShowEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import Words
from zhishiyun_client.ui.parts.part import Tools
from zhishiyun_client.ui.theme import PREVIEW_INTERVAL_MS, RADIUS_PX, Colour, Type, font

_OVAL_SHARE = (0.30, 0.72)
"""Width of the guide by the picture's height, and its height; a face at arm's length fills it."""


class Preview(QWidget):
    """A 16:9 picture of the camera, with words instead while there is none."""

    def __init__(self, tools: Tools, *, has_oval: bool = False) -> None:
        super().__init__()
        self._tools = tools
        self._has_oval = has_oval
        self._oval_colour = Colour.ON_NIGHT
        self._progress_share = 0.0
        self._off: str = ""
        self._image: QImage | None = None
        self._sequence = -1
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._timer = QTimer(self)
        self._timer.setInterval(PREVIEW_INTERVAL_MS)
        self._timer.timeout.connect(self._on_beat)

    def switch_off(self, words: Words | None) -> None:
        """Show words instead of the picture; None: the picture."""
        off = self._tools.speaker.say(words) if words is not None else ""
        if off != self._off:
            self._off = off
            self._image = None
            self._sequence = -1
            self.update()

    def guide(self, colour: str, progress_share: float = 0.0) -> None:
        """Colour the oval; the share of it that is drawn thick tells the progress."""
        if (colour, progress_share) != (self._oval_colour, self._progress_share):
            self._oval_colour, self._progress_share = Colour(colour), progress_share
            self.update()

    def has_picture(self) -> bool:
        """Whether a frame is on the screen."""
        return self._image is not None

    def sizeHint(self) -> QSize:
        """16:9."""
        return QSize(256, 144)

    def hasHeightForWidth(self) -> bool:
        """The picture keeps its shape."""
        return True

    def heightForWidth(self, width: int) -> int:
        """9/16 of the width."""
        return width * 9 // 16

    def showEvent(self, event: QShowEvent) -> None:
        """Look from now on."""
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop looking."""
        self._timer.stop()
        super().hideEvent(event)

    def _on_beat(self) -> None:
        frame = None if self._off else self._tools.preview.latest()
        if frame is None or frame.sequence == self._sequence:
            return
        self._sequence = frame.sequence
        lent = QImage(
            frame.bgr,
            frame.width_px,
            frame.height_px,
            3 * frame.width_px,
            QImage.Format.Format_BGR888,
        )
        self._image = lent.copy()  # the bytes are the feed's own and are overwritten
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture, or why there is none, and the oval."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(self.rect())
        frame = QPainterPath()
        frame.addRoundedRect(whole, RADIUS_PX, RADIUS_PX)
        painter.setClipPath(frame)
        painter.fillRect(whole, QColor(Colour.NIGHT))
        if self._image is not None:
            self._draw_picture(painter, whole, self._image)
        else:
            painter.setPen(QColor(Colour.ON_NIGHT))
            painter.setFont(font(Type.SMALL if self.width() < 320 else Type.BODY))
            painter.drawText(
                whole.adjusted(12, 8, -12, -8),
                int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap),
                self._off or self._tools.speaker.say(T.COMMON_LOADING),
            )
        if self._has_oval:
            self._draw_oval(painter, whole)

    def _draw_picture(self, painter: QPainter, whole: QRectF, image: QImage) -> None:
        scale = max(whole.width() / image.width(), whole.height() / image.height())
        width, height = image.width() * scale, image.height() * scale
        place = QRectF((whole.width() - width) / 2, (whole.height() - height) / 2, width, height)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.translate(whole.width(), 0)
        painter.scale(-1, 1)
        painter.drawImage(place, image)
        painter.restore()

    def _draw_oval(self, painter: QPainter, whole: QRectF) -> None:
        tall = whole.height() * _OVAL_SHARE[1]
        wide = min(whole.height() * _OVAL_SHARE[0] * 1.8, whole.width() * 0.6)
        oval = QRectF((whole.width() - wide) / 2, (whole.height() - tall) / 2, wide, tall)
        outside = QPainterPath()
        outside.addRect(whole)
        inside = QPainterPath()
        inside.addEllipse(oval)
        painter.fillPath(outside.subtracted(inside), QColor(18, 26, 36, 130))
        painter.setPen(QPen(QColor(self._oval_colour), 3))
        painter.drawEllipse(oval)
        if self._progress_share > 0:
            painter.setPen(
                QPen(QColor(Colour.FOCUS), 6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
            )
            painter.drawArc(oval, 90 * 16, -round(360 * 16 * min(1.0, self._progress_share)))
