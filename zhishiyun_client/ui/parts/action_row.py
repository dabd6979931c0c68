"""A row of buttons that goes on in the next line where the window is narrow."""

from __future__ import annotations

from PySide6.QtCore import QMargins, QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

from zhishiyun_client.ui.theme import Space


class ActionRow(QLayout):
    """Flows its widgets from left to right; those of `add_right` come last, at the right edge."""

    def __init__(self) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._right: list[QWidget] = []
        self.setSpacing(Space.NORMAL)

    def add_right(self, widget: QWidget) -> None:
        """Add a widget that, with all after it in its line, stands at the right."""
        self._right.append(widget)
        self.addWidget(widget)

    def addItem(self, item: QLayoutItem) -> None:
        """Keep the item; Qt calls this."""
        self._items.append(item)

    def count(self) -> int:
        """How many items there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """The item, or None beyond the end, as Qt wants it."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Give an item away."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """Only as wide as it is made."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """Narrow means more lines."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The height of all lines."""
        return self._arrange(QRect(0, 0, width, 0), is_dry=True)

    def setGeometry(self, rectangle: QRect) -> None:
        """Put every widget into its place."""
        super().setGeometry(rectangle)
        self._arrange(rectangle, is_dry=False)

    def sizeHint(self) -> QSize:
        """All in one line."""
        shown = [item.sizeHint() for item in self._items if not item.isEmpty()]
        width = sum(size.width() for size in shown) + self.spacing() * max(0, len(shown) - 1)
        return self._with_margins(QSize(width, max((size.height() for size in shown), default=0)))

    def minimumSize(self) -> QSize:
        """The widest of them."""
        shown = [item.minimumSize() for item in self._items if not item.isEmpty()]
        width = max((size.width() for size in shown), default=0)
        return self._with_margins(QSize(width, max((size.height() for size in shown), default=0)))

    def _is_right(self, item: QLayoutItem) -> bool:
        return item.widget() in self._right

    def _with_margins(self, size: QSize) -> QSize:
        edges: QMargins = self.contentsMargins()
        return size + QSize(edges.left() + edges.right(), edges.top() + edges.bottom())

    def _arrange(self, rectangle: QRect, *, is_dry: bool) -> int:
        edges = self.contentsMargins()
        room = rectangle.marginsRemoved(edges)
        y = room.y()
        for line in self._lines(room.width()):
            height = max(_height(item, room.width()) for item in line)
            if not is_dry:
                self._place(line, QRect(room.x(), y, room.width(), height))
            y += height + Space.TIGHT
        return y - Space.TIGHT - rectangle.y() + edges.bottom() if y > room.y() else 0

    def _lines(self, width: int) -> list[list[QLayoutItem]]:
        lines: list[list[QLayoutItem]] = []
        left = -1
        for item in sorted(self._items, key=self._is_right):
            if item.isEmpty():
                continue
            wanted = min(item.sizeHint().width(), width)
            if not lines or left < wanted:
                lines.append([])
                left = width
            lines[-1].append(item)
            left -= wanted + self.spacing()
        return lines

    def _place(self, line: list[QLayoutItem], room: QRect) -> None:
        widths = [min(item.sizeHint().width(), room.width()) for item in line]
        spare = room.width() - sum(widths) - self.spacing() * (len(line) - 1)
        is_pushed = False
        x = room.x()
        for item, width in zip(line, widths, strict=True):
            if not is_pushed and item.widget() in self._right:
                x += spare
                is_pushed = True
            height = _height(item, room.width())
            item.setGeometry(
                QRect(QPoint(x, room.y() + (room.height() - height) // 2), QSize(width, height))
            )
            x += width + self.spacing()


def _height(item: QLayoutItem, room_px: int) -> int:
    """How high the item is at the width it gets; words wrap where there is little room."""
    width = min(item.sizeHint().width(), room_px)
    return item.heightForWidth(width) if item.hasHeightForWidth() else item.sizeHint().height()
