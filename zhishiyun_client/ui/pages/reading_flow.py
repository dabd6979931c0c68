"""阅读考试流程: every step of this plan, explained; 【已阅】 is recorded (R051)."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from zhishiyun_client.flow.intents import ConfirmRead
from zhishiyun_client.flow.views import FlowStepView, ReadingFlowView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.ui import names
from zhishiyun_client.ui.pages.page import Page
from zhishiyun_client.ui.parts.card import Card, Rows
from zhishiyun_client.ui.parts.labels import chip, label
from zhishiyun_client.ui.parts.part import Part, Tools
from zhishiyun_client.ui.theme import Space, Type, font


class FlowStepRow(Part):
    """One step: its number, its name, what happens in it."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, Space.TIGHT, 0, Space.TIGHT)
        row.setSpacing(Space.NORMAL)
        self.number = label("muted", wraps=False)
        self.number.setFont(font(Type.LEAD, is_bold=True, has_tabular_digits=True))
        self.number.setFixedWidth(32)
        self.number.setAlignment(Qt.AlignmentFlag.AlignRight)
        words = QVBoxLayout()
        words.setSpacing(2)
        self.name = label("strong")
        self.explanation = label()
        words.addWidget(self.name)
        words.addWidget(self.explanation)
        self.duration = chip("calm")
        row.addWidget(self.number, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addWidget(self.duration)

    def draw(self, view: tuple[int, FlowStepView]) -> None:
        """Fill the row."""
        index, step = view
        self.put(self.number, str(index))
        self.put(self.name, step.name)
        self.put(self.explanation, step.explanation)
        self.put(self.duration, step.duration)


class ReadingFlowPage(Page):
    """Draws a `ReadingFlowView`."""

    phase = "reading_flow"

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools, T.READING_FLOW_TITLE, T.READING_FLOW_LEAD)
        card = Card(tools)
        card.body.setSpacing(0)
        self._rows = Rows(card.body, self._row)
        self.body.addWidget(card)
        self.body.addStretch(1)
        hint = label("muted", wraps=False)
        self.fix(hint.setText, T.READING_FLOW_CONFIRM_HINT)
        self.add_minor(hint)
        self.confirm = self.action(
            names.CONFIRM_READ, T.COMMON_READ, ConfirmRead(), "primary", "tick"
        )

    def draw(self, view: ReadingFlowView) -> None:
        """Show the steps."""
        self._rows.render(tuple(enumerate(view.steps, 1)))
        self.confirm.gate(view.confirm_off)

    def _row(self) -> FlowStepRow:
        return FlowStepRow(self.tools)
