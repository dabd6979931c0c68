"""The box that asks whether to end: focus on the safe answer, no end by a double click (R180)."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QGraphicsDropShadowEffect, QHBoxLayout, QVBoxLayout

from zhishiyun_client.flow.intents import ConfirmEnd, KeepAnswering
from zhishiyun_client.flow.views import EndQuestionView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import text
from zhishiyun_client.ui import names
from zhishiyun_client.ui.parts.buttons import IntentButton
from zhishiyun_client.ui.parts.countdown import clock_text
from zhishiyun_client.ui.parts.labels import label
from zhishiyun_client.ui.parts.part import Part, Tools
from zhishiyun_client.ui.theme import END_GUARD_MS, Space

_WIDTH_PX = 480


class EndQuestion(Part):
    """Draws an `EndQuestionView` over the page; 【确认】 is off for a moment at first."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools, "veil")
        self.setObjectName(names.END_QUESTION)
        self.fix(self.setAccessibleName, T.END_TITLE)
        box = Part(tools, "dialog")
        box.setMaximumWidth(_WIDTH_PX)
        shadow = QGraphicsDropShadowEffect(box)
        shadow.setBlurRadius(32)
        shadow.setOffset(0, 6)
        box.setGraphicsEffect(shadow)
        column = QVBoxLayout(box)
        column.setContentsMargins(Space.WIDE, Space.WIDE, Space.WIDE, Space.WIDE)
        column.setSpacing(Space.SNUG)
        title = label("title")
        self.fix(title.setText, T.END_TITLE)
        self.remaining = label()
        self.stages = label("caution")
        self.keep = IntentButton(names.END_KEEP, KeepAnswering(), "primary")
        self.confirm = IntentButton(names.END_CONFIRM, ConfirmEnd(), "grave")
        self.fix(self.keep.setText, T.END_KEEP)
        self.fix(self.confirm.setText, T.END_CONFIRM)
        self.guard = label("small")
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.SNUG)
        buttons.addStretch(1)
        buttons.addWidget(self.confirm)
        buttons.addWidget(self.keep)
        for widget in (title, self.remaining, self.stages, self.guard):
            column.addWidget(widget)
        column.addSpacing(Space.TIGHT)
        column.addLayout(buttons)
        whole = QHBoxLayout(self)
        whole.addStretch(1)
        whole.addWidget(box, 8, Qt.AlignmentFlag.AlignVCenter)
        whole.addStretch(1)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(END_GUARD_MS)
        self._timer.timeout.connect(self._on_guard_over)
        self.keep.intended.connect(self.intended)
        self.confirm.intended.connect(self.intended)

    def draw(self, view: EndQuestionView) -> None:
        """Tell how much time is left and which stages would be lost."""
        self.put(self.remaining, text(T.END_REMAINING, time=clock_text(view.remaining_s)))
        left = text(T.END_STAGE_LEFT, stage=view.stages_left) if view.stages_left else None
        self.put(self.stages, left)

    def showEvent(self, event: QShowEvent) -> None:
        """Guard against the second click of a double click, and focus the safe answer."""
        super().showEvent(event)
        self.confirm.setEnabled(False)
        self.put(self.guard, T.END_WAIT)
        self._timer.start()
        self.keep.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        """The next opening is guarded anew."""
        self._timer.stop()
        super().hideEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes on with the exam."""
        if event.key() == Qt.Key.Key_Escape:
            self.intended.emit(KeepAnswering())
            return
        super().keyPressEvent(event)

    def focusNextPrevChild(self, is_next: bool) -> bool:
        """The focus stays between the two answers."""
        to_confirm = self.keep.hasFocus() and self.confirm.isEnabled()
        (self.confirm if to_confirm else self.keep).setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def _on_guard_over(self) -> None:
        self.confirm.setEnabled(True)
        self.put(self.guard, None)
