"""A QR code from rows of modules, drawn in whole pixels."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from zhishiyun_client.flow.views import QrMatrix
from zhishiyun_client.ui.theme import QR_SIDE_PX

_QUIET_MODULES = 4
"""Source: ISO/IEC 18004, quiet zone of a QR code."""


class QrView(QWidget):
    """Dark modules on white, with the quiet zone."""

    def __init__(self, side_px: int = QR_SIDE_PX) -> None:
        super().__init__()
        self._matrix: QrMatrix = ()
        self._side_px = side_px
        self.setFixedSize(QSize(side_px, side_px))

    def resize_to(self, side_px: int) -> None:
        """Draw it this large."""
        self._side_px = side_px
        self.setFixedSize(QSize(side_px, side_px))

    def show_matrix(self, matrix: QrMatrix) -> None:
        """Draw this code."""
        if matrix != self._matrix:
            self._matrix = matrix
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the modules without gaps between them."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("#FFFFFF"))
        if not self._matrix:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor("#000000"))
        count = len(self._matrix) + 2 * _QUIET_MODULES
        ratio = self.devicePixelRatioF()
        module = max(1, int(self._side_px * ratio) // count) / ratio
        margin = (self._side_px - module * len(self._matrix)) / 2
        for y, row in enumerate(self._matrix):
            for x, is_dark in enumerate(row):
                if is_dark:
                    painter.drawRect(
                        QRectF(margin + x * module, margin + y * module, module, module)
                    )
