"""Draws where the phone stands: the desk from above, the phone behind at an angle of 45 degrees."""

from math import cos, pi, sin
from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QImage, QPainter, QPen, QPolygonF

WIDTH_PX, HEIGHT_PX = 1600, 1120
_INK, _FAINT, _BLUE = QColor("#1c2530"), QColor("#6b7785"), QColor("#174a7c")
_DESK, _LINE, _CONE = QColor("#f1e7d8"), QColor("#b9a888"), QColor(23, 74, 124, 38)
_FONT = "Noto Sans CJK SC"
_SEAT = QPointF(800, 664)
_PHONE_AWAY_PX, _PHONE_ANGLE_RAD = 395.0, pi / 4


def write(target: Path) -> None:
    """Write the picture as PNG."""
    picture = QImage(WIDTH_PX, HEIGHT_PX, QImage.Format.Format_RGB32)
    picture.fill(QColor("#ffffff"))
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _words(painter, 70, 44, True, _INK, "佐证拍摄位置示意图")
    _words(painter, 142, 24, False, _FAINT, "俯视图　样式图，以正式考试要求为准")
    phone = QPointF(
        _SEAT.x() + _PHONE_AWAY_PX * sin(_PHONE_ANGLE_RAD),
        _SEAT.y() + _PHONE_AWAY_PX * cos(_PHONE_ANGLE_RAD),
    )
    _desk(painter)
    _view(painter, phone)
    _things(painter)
    _person(painter)
    _phone(painter, phone)
    _angle(painter, phone)
    said = (
        "移动设备固定在考生侧后方 45 度：能拍到桌面、电脑屏幕、周围环境和考生行为，持续拍摄到结束"
    )
    _words(painter, 1062, 26, False, _INK, said)
    painter.end()
    target.parent.mkdir(parents=True, exist_ok=True)
    picture.save(str(target))


def _words(
    painter: QPainter, middle_y: float, size_px: int, is_bold: bool, ink: QColor, said: str
) -> None:
    _label(painter, QPointF(WIDTH_PX / 2, middle_y), size_px, is_bold, ink, said)


def _label(
    painter: QPainter, middle: QPointF, size_px: int, is_bold: bool, ink: QColor, said: str
) -> None:
    font = QFont(_FONT)
    font.setPixelSize(size_px)
    font.setBold(is_bold)
    painter.setFont(font)
    painter.setPen(ink)
    around = QRectF(middle.x() - 780, middle.y() - 40, 1560, 80)
    painter.drawText(around, int(Qt.AlignmentFlag.AlignCenter), said)


def _view(painter: QPainter, phone: QPointF) -> None:
    """The wedge that the phone sees."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(_CONE))
    painter.drawPolygon(
        QPolygonF([phone, QPointF(400, 660), QPointF(560, 215), QPointF(1165, 245)])
    )


def _desk(painter: QPainter) -> None:
    painter.setPen(QPen(_LINE, 4))
    painter.setBrush(QBrush(_DESK))
    painter.drawRoundedRect(QRectF(470, 260, 660, 300), 16, 16)
    _label(painter, QPointF(540, 300), 22, False, _FAINT, "桌面")


def _things(painter: QPainter) -> None:
    """What lies on the desk."""
    painter.setPen(QPen(_INK, 3))
    painter.setBrush(QBrush(QColor("#dfe5ec")))
    painter.drawRoundedRect(QRectF(660, 390, 280, 130), 10, 10)  # keyboard
    painter.setBrush(QBrush(QColor("#39485a")))
    painter.drawRoundedRect(QRectF(650, 340, 300, 44), 8, 8)  # screen
    _label(painter, QPointF(800, 455), 24, False, _INK, "笔记本电脑")
    painter.setBrush(QBrush(QColor("#ffffff")))
    painter.drawRect(QRectF(985, 380, 100, 140))
    _label(painter, QPointF(1035, 450), 22, False, _INK, "A4 纸")
    painter.setPen(QPen(_INK, 6))
    painter.drawLine(QPointF(1102, 400), QPointF(1102, 500))


def _person(painter: QPainter) -> None:
    painter.setPen(QPen(_BLUE, 4))
    painter.setBrush(QBrush(QColor("#c9d9ea")))
    painter.drawEllipse(_SEAT, 130, 70)  # shoulders
    painter.setBrush(QBrush(QColor("#f3dcc6")))
    painter.drawEllipse(_SEAT, 52, 56)  # head
    _label(painter, _SEAT, 26, True, _INK, "考生")


def _phone(painter: QPainter, phone: QPointF) -> None:
    painter.save()
    painter.translate(phone)
    painter.rotate(-45)
    painter.setPen(QPen(_INK, 4))
    painter.setBrush(QBrush(QColor("#39485a")))
    painter.drawRoundedRect(QRectF(-46, -14, 92, 28), 8, 8)
    painter.restore()
    _label(painter, phone + QPointF(0, 52), 26, True, _INK, "移动设备（智试通）")


def _angle(painter: QPainter, phone: QPointF) -> None:
    """The line straight back from the candidate, the line to the phone, and what is between."""
    dashed = QPen(_BLUE, 3, Qt.PenStyle.DashLine)
    painter.setPen(dashed)
    painter.drawLine(_SEAT + QPointF(0, 75), _SEAT + QPointF(0, 290))
    towards = phone - _SEAT
    painter.drawLine(_SEAT + towards * 0.24, phone - towards * 0.08)
    painter.setPen(QPen(_BLUE, 4))
    painter.drawArc(QRectF(_SEAT.x() - 170, _SEAT.y() - 170, 340, 340), -90 * 16, 45 * 16)
    _label(painter, _SEAT + QPointF(86, 204), 30, True, _BLUE, "45°")
    _label(painter, _SEAT + QPointF(-70, 268), 22, False, _FAINT, "正后方")
