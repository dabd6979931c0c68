"""Calm lines above the page: network lost, disk full, a device gone."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from zhishiyun_client.flow.intents import DismissNotice
from zhishiyun_client.flow.views import NoticeView, Tone
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.ui import names
from zhishiyun_client.ui.parts.buttons import IntentButton
from zhishiyun_client.ui.parts.card import Rows
from zhishiyun_client.ui.parts.labels import Icon, label
from zhishiyun_client.ui.parts.part import Part, Tools, mark
from zhishiyun_client.ui.theme import Colour, Space

_LOOK = {
    Tone.CALM: ("info", Colour.PRIMARY),
    Tone.GOOD: ("tick_circle", Colour.GOOD),
    Tone.CAUTION: ("caution", Colour.CAUTION),
    Tone.GRAVE: ("cross_circle", Colour.GRAVE),
}


class NoticeLine(Part):
    """One notice: picture, words, perhaps a button, the code last."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools, "notice")
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.WIDE, Space.TIGHT, Space.NORMAL, Space.TIGHT)
        row.setSpacing(Space.SNUG)
        self.icon = Icon(tools.pictures, "info", Colour.PRIMARY, 22)
        self.words = label()
        self.code = label("small", wraps=False)
        self.button = IntentButton(names.NOTICE_BUTTON, None, "", "row")
        self.close_button = IntentButton(names.NOTICE_CLOSE, None, "quiet", "row")
        self.close_button.draw_icon(tools.pictures, "cross")
        self.fix(self.close_button.setAccessibleName, T.COMMON_CLOSE)
        row.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.words, 1)
        for widget in (self.button, self.code, self.close_button):
            row.addWidget(widget)
        self.button.intended.connect(self.intended)
        self.close_button.intended.connect(self.intended)

    def draw(self, view: NoticeView) -> None:
        """Put the words; a new notice is read out by its accessible name."""
        mark(self, "tone", view.tone.value)
        self.icon.choose(*_LOOK[view.tone])
        self.put(self.words, view.words)
        self.setAccessibleName(self.words.text())
        self.put(self.code, view.code or None)
        self.button.intent = view.intent
        self.button.setVisible(view.button is not None)
        self.button.setText(self.say(view.button) if view.button is not None else "")
        self.close_button.intent = DismissNotice(view.key)
        self.close_button.setVisible(view.may_close)


class NoticeBar(Part):
    """All notices, newest where the view puts it."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self.setObjectName(names.NOTICE_BAR)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._rows = Rows(column, self._line)

    def draw(self, view: tuple[NoticeView, ...]) -> None:
        """Show them; nothing takes no room."""
        self._rows.render(view)
        self.setVisible(bool(view))

    def _line(self) -> NoticeLine:
        made = NoticeLine(self.tools)
        made.intended.connect(self.intended)
        return made
