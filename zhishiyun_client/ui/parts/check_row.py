"""One line of a check list: ✓ / ! / ✗, number, threshold, what to do, 【重新检测】 (R035)."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from zhishiyun_client.flow.intents import RepeatCheck
from zhishiyun_client.flow.views import CheckOutcome, CheckView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import text
from zhishiyun_client.ui import names
from zhishiyun_client.ui.parts.buttons import GatedButton, IntentButton
from zhishiyun_client.ui.parts.labels import Icon, label
from zhishiyun_client.ui.parts.part import Part, Tools, mark
from zhishiyun_client.ui.theme import Colour, Space

OUTCOME_LOOK = {
    CheckOutcome.WAITING: (
        "circle",
        Colour.LINE_STRONG,
        T.DEVICE_PREPARATION_OUTCOME_WAITING,
        "muted",
    ),
    CheckOutcome.RUNNING: (
        "running",
        Colour.PRIMARY,
        T.DEVICE_PREPARATION_OUTCOME_RUNNING,
        "muted",
    ),
    CheckOutcome.PASSED: ("tick_circle", Colour.GOOD, T.DEVICE_PREPARATION_OUTCOME_PASSED, "good"),
    CheckOutcome.WEAK: ("caution", Colour.CAUTION, T.DEVICE_PREPARATION_OUTCOME_WEAK, "caution"),
    CheckOutcome.FAILED: (
        "cross_circle",
        Colour.GRAVE,
        T.DEVICE_PREPARATION_OUTCOME_FAILED,
        "problem",
    ),
}


class CheckRow(Part):
    """Draws a `CheckView`."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, Space.HAIR, 0, Space.HAIR)
        whole.setSpacing(2)
        row = QHBoxLayout()
        row.setSpacing(Space.SNUG)
        self.icon = Icon(tools.pictures, "circle", Colour.LINE_STRONG, 24)
        self.title = label("strong")
        self.outcome = label("muted", wraps=False)
        self.measured = label()
        self.threshold = label("small")
        numbers = QVBoxLayout()
        numbers.setSpacing(0)
        numbers.addWidget(self.measured)
        numbers.addWidget(self.threshold)
        names_column = QVBoxLayout()
        names_column.setSpacing(0)
        names_column.addWidget(self.title)
        names_column.addWidget(self.outcome)
        button = IntentButton(names.REPEAT_CHECK, None, "quiet", "row")
        button.draw_icon(tools.pictures, "refresh")
        self.fix(button.setText, T.COMMON_RECHECK)
        self.repeat = GatedButton(tools, button)
        self.repeat.intended.connect(self.intended)
        self.optional = label("small")
        self.fix(self.optional.setText, T.COMMON_OPTIONAL)
        row.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addLayout(names_column, 3)
        row.addLayout(numbers, 3)
        row.addWidget(self.repeat, 2)
        whole.addLayout(row)
        self.advice = label()
        for each in (self.advice, self.optional):
            each.setContentsMargins(36, 0, 0, 0)
            whole.addWidget(each)

    def draw(self, view: CheckView) -> None:
        """Show the result; what to do only where something is to be done."""
        picture, colour, words, role = OUTCOME_LOOK[view.outcome]
        self.icon.choose(picture, colour)
        self.put(self.title, view.title)
        self.put(self.outcome, words)
        mark(self.outcome, "role", role)
        self.put(self.measured, view.measured)
        threshold = text(T.COMMON_THRESHOLD, threshold=view.threshold) if view.threshold else None
        self.put(self.threshold, threshold)
        is_trouble = view.outcome in (CheckOutcome.WEAK, CheckOutcome.FAILED)
        self.put(self.advice, view.advice if is_trouble else None)
        self.optional.setVisible(view.is_optional and is_trouble)
        self.repeat.button.setObjectName(f"{names.REPEAT_CHECK}.{view.name}")
        self.repeat.button.intent = RepeatCheck(view.name)
        self.repeat.button.setAccessibleName(f"{self.repeat.button.text()} {self.title.text()}")
        self.repeat.gate(view.repeat_off)
