"""A calm message over the whole window: starting, queueing, suspended, broken."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout

from zhishiyun_client.flow.intents import AnswerMessage
from zhishiyun_client.flow.views import MessageView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import text
from zhishiyun_client.ui import names
from zhishiyun_client.ui.parts.buttons import IntentButton
from zhishiyun_client.ui.parts.labels import label
from zhishiyun_client.ui.parts.part import Part, Tools
from zhishiyun_client.ui.theme import Space

_WIDTH_PX = 560


class Message(Part):
    """Draws a `MessageView`."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools, "curtain")
        self.setObjectName(names.MESSAGE)
        box = Part(tools, "card")
        box.setMaximumWidth(_WIDTH_PX)
        column = QVBoxLayout(box)
        column.setContentsMargins(Space.PAGE, Space.PAGE, Space.PAGE, Space.PAGE)
        column.setSpacing(Space.NORMAL)
        self.title = label("page")
        self.words = label()
        self.busy = QProgressBar()
        self.busy.setRange(0, 0)
        self.busy.setTextVisible(False)
        self.code = label("small")
        self.button = IntentButton(names.MESSAGE_BUTTON, AnswerMessage(), "primary")
        self.button.intended.connect(self.intended)
        for widget in (self.title, self.words, self.busy, self.code):
            column.addWidget(widget)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        whole = QHBoxLayout(self)
        whole.addStretch(1)
        whole.addWidget(box, 8, Qt.AlignmentFlag.AlignVCenter)
        whole.addStretch(1)

    def draw(self, view: MessageView) -> None:
        """Put the words and, perhaps, the one button."""
        self.put(self.title, view.title)
        self.put(self.words, view.words)
        self.busy.setVisible(view.is_busy)
        self.put(self.code, text(T.COMMON_ERROR_CODE, code=view.code) if view.code else None)
        self.button.setVisible(view.button is not None)
        self.button.setText(self.say(view.button) if view.button is not None else "")
