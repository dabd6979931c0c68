"""【求助】: conversation, canned phrases, waiting time, phone numbers (R160–R165)."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout

from zhishiyun_client.flow.intents import AskForCall, CloseHelp, SendHelp
from zhishiyun_client.flow.views import ChatLineView, Delivery, From, HelpView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import Words, text
from zhishiyun_client.ui import names
from zhishiyun_client.ui.parts.buttons import GatedButton, IntentButton
from zhishiyun_client.ui.parts.card import Rows
from zhishiyun_client.ui.parts.countdown import clock_text
from zhishiyun_client.ui.parts.labels import label
from zhishiyun_client.ui.parts.part import Part, Tools, mark
from zhishiyun_client.ui.theme import Space

_AUTHOR = {
    From.CANDIDATE: T.HELP_ME,
    From.SUPERVISOR: T.HELP_SUPERVISOR,
    From.TECHNICIAN: T.HELP_TECHNICIAN,
    From.SYSTEM: T.HELP_SYSTEM,
}
_DELIVERY = {
    Delivery.QUEUED: T.HELP_STATE_QUEUED,
    Delivery.SENT: T.HELP_STATE_SENT,
    Delivery.READ: T.HELP_STATE_READ,
}
_USUAL: tuple[Words, ...] = (
    text(T.HELP_CANNED_QUESTION),
    text(T.HELP_CANNED_SOUND),
    text(T.HELP_CANNED_TECHNICIAN),
)
_LONGEST = 500


class Bubble(Part):
    """One message."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools, "bubble")
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.SNUG, Space.TIGHT, Space.SNUG, Space.TIGHT)
        column.setSpacing(2)
        self.head = label("small")
        self.words = label()
        column.addWidget(self.head)
        column.addWidget(self.words)

    def draw(self, view: ChatLineView) -> None:
        """Who, when, what, how far it has come."""
        mark(self, "author", view.author.value)
        head = [self.say(_AUTHOR[view.author]), view.at]
        if view.delivery is not Delivery.NONE:
            head.append(self.say(_DELIVERY[view.delivery]))
        self.put(self.head, " · ".join(part for part in head if part))
        self.put(self.words, view.words)


class CannedButton(Part):
    """A phrase that is sent with one press."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self.button = IntentButton(names.HELP_CANNED, None, "", "row")
        self.button.intended.connect(self.intended)
        row.addWidget(self.button)
        row.addStretch(1)

    def draw(self, view: Words) -> None:
        """Name it and carry it."""
        said = self.say(view)
        self.button.setText(said)
        self.button.intent = SendHelp(said)


class HelpDrawer(Part):
    """Draws a `HelpView`; typing works with every input method, Enter sends."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools, "drawer")
        self.setObjectName(names.HELP_DRAWER)
        self.fix(self.setAccessibleName, T.HELP_TITLE)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.NORMAL + 4, Space.NORMAL, Space.NORMAL + 4, Space.NORMAL)
        column.setSpacing(Space.TIGHT)
        self._make_head(column)
        self._make_lines(column)
        self._make_foot(column)

    def draw(self, view: HelpView) -> None:
        """Put the conversation and what is beside it."""
        self._lines.render(view.lines)
        self.empty.setVisible(not view.lines)
        self._canned.render(view.canned or _USUAL)
        self.put(self.state, self._state_words(view))
        self.phone.setVisible(bool(view.phone))
        self.put(
            self.phone_number, f"{self.say(T.HELP_PHONE)} {view.phone}" if view.phone else None
        )
        hours = text(T.HELP_HOURS, hours=view.hours) if view.hours else None
        self.put(self.hours, hours)
        numbers = "  ".join(view.callback_numbers)
        self.put(self.callback, f"{self.say(T.HELP_CALLBACK)}：{numbers}" if numbers else None)
        self.call.gate(view.call_off)

    def showEvent(self, event: QShowEvent) -> None:
        """Typing starts at once."""
        super().showEvent(event)
        self.field.setFocus()

    def _state_words(self, view: HelpView) -> Words:
        if view.is_offline:
            return text(T.HELP_QUEUED)
        if view.waiting_s is not None:
            return text(T.HELP_WAITING, time=clock_text(view.waiting_s))
        return text(T.HELP_NOBODY_YET)

    def _make_head(self, column: QVBoxLayout) -> None:
        head = QHBoxLayout()
        title = label("title")
        self.fix(title.setText, T.HELP_TITLE)
        self.close_button = IntentButton(names.HELP_CLOSE, CloseHelp(), "quiet", "row")
        self.fix(self.close_button.setText, T.HELP_CLOSE)
        self.close_button.intended.connect(self.intended)
        head.addWidget(title, 1)
        head.addWidget(self.close_button)
        column.addLayout(head)
        self.state = label("muted")
        column.addWidget(self.state)

    def _make_lines(self, column: QVBoxLayout) -> None:
        inner = QFrame()
        inner.setProperty("surface", "none")
        self._line_column = QVBoxLayout(inner)
        self._line_column.setContentsMargins(0, 0, Space.TIGHT, 0)
        self._line_column.setSpacing(Space.TIGHT)
        self.empty = label("muted")
        self.fix(self.empty.setText, T.HELP_EMPTY)
        self._lines = Rows(self._line_column, self._bubble)
        self._line_column.addWidget(self.empty)
        canned = QFrame()
        canned.setProperty("surface", "none")
        canned_column = QVBoxLayout(canned)
        canned_column.setContentsMargins(0, Space.TIGHT, 0, 0)
        canned_column.setSpacing(Space.HAIR)
        self._canned = Rows(canned_column, self._canned_button)
        self._line_column.addWidget(canned)
        self._line_column.addWidget(self._make_phone())
        self._line_column.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(inner)
        self._scroll.viewport().setAutoFillBackground(False)
        self._scroll.verticalScrollBar().rangeChanged.connect(self._on_range_changed)
        column.addWidget(self._scroll, 1)

    def _make_phone(self) -> QFrame:
        self.phone = QFrame()
        self.phone.setProperty("surface", "well")
        column = QVBoxLayout(self.phone)
        column.setSpacing(Space.HAIR)
        self.phone_number = label("strong")
        self.hours = label("small")
        in_front = label("small")
        self.fix(in_front.setText, T.HELP_IN_FRONT_OF_CAMERA)
        self.callback = label("small")
        call = IntentButton(names.HELP_CALL, AskForCall(), "", "row")
        self.fix(call.setText, T.HELP_CALL_BACK_REQUEST)
        self.call = GatedButton(self.tools, call, QHBoxLayout.Direction.TopToBottom)
        self.call.intended.connect(self.intended)
        for widget in (self.phone_number, self.hours, in_front, self.callback, self.call):
            column.addWidget(widget)
        return self.phone

    def _make_foot(self, column: QVBoxLayout) -> None:
        row = QHBoxLayout()
        row.setSpacing(Space.TIGHT)
        self.field = QLineEdit()
        self.field.setObjectName(names.HELP_TEXT)
        self.field.setMaxLength(_LONGEST)
        self.fix(self.field.setPlaceholderText, T.HELP_PLACEHOLDER)
        self.fix(self.field.setAccessibleName, T.HELP_PLACEHOLDER)
        self.send = IntentButton(names.HELP_SEND, None, "primary")
        self.fix(self.send.setText, T.HELP_SEND)
        self.send.clicked.connect(self._on_send_clicked)
        self.field.returnPressed.connect(self._on_send_clicked)
        row.addWidget(self.field, 1)
        row.addWidget(self.send)
        column.addLayout(row)

    def _on_send_clicked(self) -> None:
        words = self.field.text().strip()
        if words:
            self.field.clear()
            self.intended.emit(SendHelp(words))

    def _on_range_changed(self, lowest: int, highest: int) -> None:
        self._scroll.verticalScrollBar().setValue(lowest if not self._lines.rows else highest)

    def _bubble(self) -> Bubble:
        return Bubble(self.tools)

    def _canned_button(self) -> CannedButton:
        made = CannedButton(self.tools)
        made.intended.connect(self.intended)
        return made
