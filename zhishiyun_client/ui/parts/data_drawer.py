"""【我的信息】: what is kept and until when, requests, withdrawing; a drawer over every page."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from zhishiyun_client.flow.intents import (
    AskForCopy,
    AskForDeletion,
    CloseMyData,
    ConfirmWithdraw,
    Intent,
    KeepConsent,
    WithdrawFace,
)
from zhishiyun_client.flow.views import DataRequestView, KeptView, MyDataView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import text
from zhishiyun_client.ui import names
from zhishiyun_client.ui.parts.buttons import GatedButton, IntentButton
from zhishiyun_client.ui.parts.card import Rows
from zhishiyun_client.ui.parts.labels import label
from zhishiyun_client.ui.parts.part import Part, Tools, mark
from zhishiyun_client.ui.theme import Space


class KeptRow(Part):
    """One kind of data: what, why, where it is now, until when."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools, "well")
        column = QVBoxLayout(self)
        column.setSpacing(Space.HAIR)
        self.title = label("strong")
        self.state = label()
        self.why = label("small")
        self.until = label("small")
        for widget in (self.title, self.state, self.why, self.until):
            column.addWidget(widget)

    def draw(self, view: KeptView) -> None:
        """Put the four lines."""
        self.put(self.title, view.title)
        self.put(self.state, view.state)
        self.put(self.why, text(T.MY_DATA_WHY, words=self.say(view.why)))
        self.put(self.until, text(T.MY_DATA_UNTIL, words=self.say(view.until)))


class RequestRow(Part):
    """One request and its answer."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools, "bubble")
        column = QVBoxLayout(self)
        column.setSpacing(Space.HAIR)
        self.words = label("strong")
        self.answer = label()
        column.addWidget(self.words)
        column.addWidget(self.answer)

    def draw(self, view: DataRequestView) -> None:
        """Put both."""
        mark(self, "author", "supervisor" if view.is_answered else "candidate")
        self.put(self.words, view.words)
        self.put(self.answer, view.answer)


class DataDrawer(Part):
    """Draws a `MyDataView`."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools, "drawer")
        self.setObjectName(names.DATA_DRAWER)
        self.fix(self.setAccessibleName, T.MY_DATA_TITLE)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.NORMAL + 4, Space.NORMAL, Space.NORMAL + 4, Space.NORMAL)
        column.setSpacing(Space.TIGHT)
        column.addLayout(self._make_head())
        column.addWidget(self._make_middle(), 1)

    def draw(self, view: MyDataView) -> None:
        """Put everything in its place."""
        self._kept.render(view.kept)
        self._requests.render(view.requests)
        self.requests_title.setVisible(bool(view.requests))
        self.put(self.rights, view.rights)
        self.copy.gate(view.copy_off)
        self.deletion.gate(view.deletion_off)
        asks = view.consequences is not None
        self.question.setVisible(asks)
        self.put(self.consequences, view.consequences)
        self.withdraw.setVisible(view.has_withdraw and not asks)

    def _make_head(self) -> QVBoxLayout:
        head = QHBoxLayout()
        title, lead = label("title"), label("muted")
        self.fix(title.setText, T.MY_DATA_TITLE)
        self.fix(lead.setText, T.MY_DATA_LEAD)
        close = self._button(names.DATA_CLOSE, T.MY_DATA_CLOSE, CloseMyData(), "quiet")
        head.addWidget(title, 1)
        head.addWidget(close)
        column = QVBoxLayout()
        column.setSpacing(Space.HAIR)
        column.addLayout(head)
        column.addWidget(lead)
        return column

    def _make_middle(self) -> QScrollArea:
        inner = QFrame()
        inner.setProperty("surface", "none")
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, Space.TIGHT, 0)
        column.setSpacing(Space.TIGHT)
        rows, asked = (self._column(column) for _ in range(2))
        self._kept = Rows(rows, self._kept_row)
        self.requests_title = label("strong")
        self.fix(self.requests_title.setText, T.MY_DATA_REQUESTS)
        asked.addWidget(self.requests_title)
        self._requests = Rows(asked, self._request_row)
        self.copy = self._gated(names.DATA_COPY, T.MY_DATA_COPY_BUTTON, AskForCopy())
        self.deletion = self._gated(
            names.DATA_DELETION, T.MY_DATA_DELETION_BUTTON, AskForDeletion()
        )
        self.withdraw = self._button(names.WITHDRAW, T.MY_DATA_WITHDRAW, WithdrawFace())
        self.rights = label("small")
        for widget in (
            self.copy, self.deletion, self.withdraw, self._make_question(), self.rights
        ):  # fmt: skip
            column.addWidget(widget)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(inner)
        area.viewport().setAutoFillBackground(False)
        area.verticalScrollBar().rangeChanged.connect(self._on_range_changed)
        self._area = area
        return area

    def _make_question(self) -> QFrame:
        self.question = QFrame()
        self.question.setProperty("surface", "well")
        column = QVBoxLayout(self.question)
        self.consequences = label()
        column.addWidget(self.consequences)
        row = QHBoxLayout()
        row.addWidget(self._button(names.WITHDRAW_CONFIRM, T.MY_DATA_WITHDRAW_CONFIRM,
                                   ConfirmWithdraw()))  # fmt: skip
        row.addWidget(self._button(names.WITHDRAW_KEEP, T.MY_DATA_WITHDRAW_KEEP, KeepConsent()))
        row.addStretch(1)
        column.addLayout(row)
        return self.question

    def _column(self, whole: QVBoxLayout) -> QVBoxLayout:
        box = QWidget()
        made = QVBoxLayout(box)
        made.setContentsMargins(0, 0, 0, 0)
        made.setSpacing(Space.TIGHT)
        whole.addWidget(box)
        return made

    def _button(self, name: str, words: T, intent: Intent, kind: str = "") -> IntentButton:
        made = IntentButton(name, intent, kind, "row")
        self.fix(made.setText, words)
        made.intended.connect(self.intended)
        return made

    def _gated(self, name: str, words: T, intent: Intent) -> GatedButton:
        button = IntentButton(name, intent, "", "row")
        self.fix(button.setText, words)
        made = GatedButton(self.tools, button, QHBoxLayout.Direction.LeftToRight)
        made.intended.connect(self.intended)
        return made

    def _on_range_changed(self) -> None:
        """A question that was just asked is in sight."""
        if self.question.isVisible():
            self._area.ensureWidgetVisible(self.question)

    def _kept_row(self) -> KeptRow:
        return KeptRow(self.tools)

    def _request_row(self) -> RequestRow:
        return RequestRow(self.tools)
