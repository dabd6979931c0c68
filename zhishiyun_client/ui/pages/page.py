"""What all pages share: title, scrolling content, the bar of actions at the bottom."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from zhishiyun_client.flow.intents import Intent
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.ui import names
from zhishiyun_client.ui.parts.action_row import ActionRow
from zhishiyun_client.ui.parts.buttons import GatedButton, IntentButton
from zhishiyun_client.ui.parts.labels import label
from zhishiyun_client.ui.parts.part import Part, Tools
from zhishiyun_client.ui.theme import CONTENT_WIDTH_PX, Space


class Page(Part):
    """One phase on the screen: `body` scrolls, `bar` stays; `draw(view)` fills them."""

    phase = ""

    def __init__(self, tools: Tools, title: T, lead: T) -> None:
        super().__init__(tools)
        self.setObjectName(f"{names.PAGE}.{self.phase}")
        self._minor: list[QWidget] = []
        self._has_right = self._is_compact = False
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        self.inner = inner = QFrame()
        inner.setProperty("surface", "none")
        self._sides = QHBoxLayout(inner)
        column = QWidget()
        column.setMaximumWidth(CONTENT_WIDTH_PX)
        outer = QVBoxLayout(column)
        outer.setContentsMargins(0, 0, 0, 0)
        self.body = QVBoxLayout()
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(Space.NORMAL)
        self.more = ActionRow()
        outer.addLayout(self.body, 1)
        outer.addLayout(self.more)
        self._sides.addStretch(1)
        self._sides.addWidget(column, 1000)
        self._sides.addStretch(1)
        self.area = QScrollArea()
        self.area.setObjectName(names.PAGE_AREA)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.area.setWidget(inner)
        self.area.viewport().setAutoFillBackground(False)
        inner.setAutoFillBackground(False)
        whole.addWidget(self.area, 1)
        self._bar_frame = QFrame()
        self._bar_frame.setProperty("surface", "bar")
        self.bar = ActionRow()
        self._bar_frame.setLayout(self.bar)
        whole.addWidget(self._bar_frame)
        self._add_title(title, lead)
        self.set_compact(False)

    def set_compact(self, is_compact: bool) -> None:
        """Less air on a small window."""
        side = Space.NORMAL if is_compact else Space.PAGE
        top = Space.SNUG if is_compact else Space.WIDE
        self._sides.setContentsMargins(side, top, side, top)
        edge = Space.TIGHT if is_compact else Space.SNUG + 2
        self.bar.setContentsMargins(side, edge, side, edge)
        self.more.setContentsMargins(0, edge if is_compact else 0, 0, 0)
        self._is_compact = is_compact
        for widget in self._minor:
            (self.bar if is_compact else self.more).removeWidget(widget)
            (self.more if is_compact else self.bar).addWidget(widget)
        self._show_bar()
        self.body.setSpacing(Space.SNUG if is_compact else Space.NORMAL)

    def leave(self) -> None:
        """Another page has come: let go of what is large; `render` draws everything anew."""
        self._shown = None

    def action(
        self,
        name: str,
        words: T,
        intent: Intent,
        kind: str = "primary",
        picture: str = "",
        *,
        is_right: bool = False,
    ) -> GatedButton:
        """Add a button to the bar, its reason beside it."""
        button = self.button(name, words, intent, kind, picture)
        gated = GatedButton(self.tools, button)
        gated.intended.connect(self.intended)
        if kind == "primary" or is_right:
            self.bar.add_right(gated)
            self._has_right = True
            self._show_bar()
        else:
            self.add_minor(gated)
        return gated

    def add_minor(self, widget: QWidget) -> None:
        """Put a widget at the left of the bar; on a small window it goes to the end of the page."""
        self._minor.append(widget)
        (self.more if self._is_compact else self.bar).addWidget(widget)
        self._show_bar()

    def button(
        self, name: str, words: T, intent: Intent | None, kind: str = "", picture: str = ""
    ) -> IntentButton:
        """Make a button; it is not connected yet."""
        made = IntentButton(name, intent, kind)
        if picture:
            made.draw_icon(self.tools.pictures, picture)
        self.fix(made.setText, words)
        return made

    def _show_bar(self) -> None:
        self._bar_frame.setVisible(self._has_right or bool(self._minor and not self._is_compact))

    def _add_title(self, title: T, lead: T) -> None:
        self.title = label("page")
        self.lead = label("lead")
        self.fix(self.title.setText, title)
        self.fix(self.lead.setText, lead)
        self.head = QHBoxLayout()
        self.head.setSpacing(Space.NORMAL)
        column = QVBoxLayout()
        column.setSpacing(Space.HAIR)
        column.addWidget(self.title)
        column.addWidget(self.lead)
        self.head.addLayout(column, 1)
        self.body.addLayout(self.head)
