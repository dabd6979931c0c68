"""结束: the recording stops and is sealed; nothing to do but wait a moment (R157, R181)."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QProgressBar

from zhishiyun_client.flow.intents import OpenUpload
from zhishiyun_client.flow.views import EndingView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.ui import names
from zhishiyun_client.ui.pages.page import Page
from zhishiyun_client.ui.parts.card import Card, Rows
from zhishiyun_client.ui.parts.labels import Icon, label
from zhishiyun_client.ui.parts.part import Tools
from zhishiyun_client.ui.parts.step_list import StepRow
from zhishiyun_client.ui.theme import Colour, Space


class EndingPage(Page):
    """Draws an `EndingView`."""

    phase = "ending"

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools, T.ENDING_TITLE, T.ENDING_LEAD)
        card = Card(tools)
        self.reason = label("title")
        self.busy = QProgressBar()
        self.busy.setRange(0, 0)
        self.busy.setTextVisible(False)
        card.body.addWidget(self.reason)
        self._steps = Rows(card.body, self._step)
        card.body.addWidget(self.busy)
        self.body.addWidget(card)
        safe = Card(tools)
        safe.colour("good")
        row = QHBoxLayout()
        row.setSpacing(Space.SNUG)
        row.addWidget(Icon(tools.pictures, "shield", Colour.GOOD, 26))
        words = label()
        self.fix(words.setText, T.ENDING_SAFE)
        row.addWidget(words, 1)
        safe.body.addLayout(row)
        self.body.addWidget(safe)
        self.body.addStretch(1)
        self.upload = self.action(names.VIEW_UPLOAD, T.ENDING_TO_UPLOAD, OpenUpload())

    def draw(self, view: EndingView) -> None:
        """Tell why it ended and how far closing is."""
        self.put(self.reason, view.reason)
        self._steps.render(view.steps)
        self.busy.setVisible(view.upload_off is not None)
        self.upload.gate(view.upload_off)

    def _step(self) -> StepRow:
        return StepRow(self.tools)
