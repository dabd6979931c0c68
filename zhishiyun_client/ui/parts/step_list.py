"""The steps of this plan with ticks, down the left side; one line on a small window."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from zhishiyun_client.flow.views import StepState, StepView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import text
from zhishiyun_client.ui import names
from zhishiyun_client.ui.parts.card import Rows
from zhishiyun_client.ui.parts.labels import Icon, label
from zhishiyun_client.ui.parts.part import Part, Tools, mark
from zhishiyun_client.ui.theme import STEPS_WIDTH_PX, Colour, Space

_LOOK = {
    StepState.DONE: ("tick_circle", Colour.GOOD, "muted", T.STEP_DONE),
    StepState.CURRENT: ("record", Colour.PRIMARY, "strong", T.STEP_CURRENT),
    StepState.AHEAD: ("circle", Colour.LINE_STRONG, "muted", T.STEP_AHEAD),
}


class StepRow(Part):
    """One step: picture, name."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.NORMAL, 4, Space.TIGHT, 4)
        row.setSpacing(Space.SNUG)
        self.icon = Icon(tools.pictures, "circle", Colour.LINE_STRONG, 20)
        self.name = label("muted")
        row.addWidget(self.icon)
        row.addWidget(self.name, 1)

    def draw(self, view: StepView) -> None:
        """Show how far it is, by picture, weight and accessible words."""
        picture, colour, role, words = _LOOK[view.state]
        self.icon.choose(picture, colour)
        mark(self.name, "role", role)
        self.put(self.name, view.name)
        self.name.setAccessibleDescription(self.say(words))


class StepList(Part):
    """All steps, scrolling where the window is low."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools, "rail")
        self.setObjectName(names.STEP_LIST)
        self.setFixedWidth(STEPS_WIDTH_PX)
        self.fix(self.setAccessibleName, T.STEP_LIST)
        inner = QFrame()
        inner.setProperty("surface", "none")
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, Space.NORMAL, 0, Space.NORMAL)
        column.setSpacing(0)
        self._rows = Rows(column, self._row)
        column.addStretch(1)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidget(inner)
        self._area.viewport().setAutoFillBackground(False)
        self._area.setFocusPolicy(self.focusPolicy())
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._area)

    def draw(self, view: tuple[StepView, ...]) -> None:
        """Show the steps and keep the current one in sight."""
        self._rows.render(view)
        for row, step in zip(self._rows.rows, view, strict=True):
            if step.state is StepState.CURRENT:
                self._area.ensureWidgetVisible(row)

    def _row(self) -> StepRow:
        return StepRow(self.tools)


class StepLine(Part):
    """On a small window: which step of how many."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools, "bar")
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.NORMAL, 2, Space.NORMAL, 2)
        self.words = label("small", wraps=False)
        self.words.setObjectName(names.STEP_LINE)
        self.name: QWidget = self.words
        row.addWidget(self.words, 1)

    def draw(self, view: tuple[StepView, ...]) -> None:
        """Name the current step."""
        for index, step in enumerate(view, 1):
            if step.state is StepState.CURRENT:
                place = self.say(text(T.STEP_POSITION, index=index, total=len(view)))
                self.put(self.words, f"{place} · {self.say(step.name)}")
