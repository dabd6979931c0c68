"""A white card with a title, and lists of rows that grow and shrink."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout

from zhishiyun_client.i18n.keys import T
from zhishiyun_client.ui.parts.labels import Icon, label
from zhishiyun_client.ui.parts.part import Part, Tools, mark
from zhishiyun_client.ui.theme import Colour, Space


class Card(Part):
    """A surface with an optional title; `body` is where things go."""

    def __init__(self, tools: Tools, title: T | None = None, picture: str = "") -> None:
        super().__init__(tools, "card")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(Space.WIDE, Space.NORMAL + 4, Space.WIDE, Space.NORMAL + 4)
        self.body.setSpacing(Space.SNUG)
        self.head = QHBoxLayout()
        self.head.setSpacing(Space.SNUG)
        if title is not None:
            if picture:
                self.head.addWidget(Icon(tools.pictures, picture, Colour.PRIMARY, 24))
            words = label("title")
            self.fix(words.setText, title)
            self.head.addWidget(words, 1)
            self.body.addLayout(self.head)

    def colour(self, tone: str) -> None:
        """Tint the card: calm, good, caution, grave or nothing."""
        mark(self, "tone", tone)


RowType = TypeVar("RowType", bound=Part)


class Rows(Generic[RowType]):
    """Keeps as many rows in a layout as a view has items, and reuses them."""

    def __init__(self, layout: QBoxLayout, make: Callable[[], RowType]) -> None:
        self._layout = layout
        self._make = make
        self._start = layout.count()
        self.rows: list[RowType] = []

    def render(self, views: Sequence[object]) -> None:
        """One row a view, in order."""
        while len(self.rows) < len(views):
            row = self._make()
            self._layout.insertWidget(self._start + len(self.rows), row)
            self.rows.append(row)
        while len(self.rows) > len(views):
            row = self.rows.pop()
            self._layout.removeWidget(row)
            row.hide()
            row.deleteLater()
        for row, view in zip(self.rows, views, strict=True):
            row.render(view)
