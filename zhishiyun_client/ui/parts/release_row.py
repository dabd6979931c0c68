"""Where the hotline's release code is typed; shown only while the question waits."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QVBoxLayout

from zhishiyun_client.flow.intents import OpenByCode
from zhishiyun_client.flow.views import ReleaseBox
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.ui import names
from zhishiyun_client.ui.parts.action_row import ActionRow
from zhishiyun_client.ui.parts.buttons import GatedButton, IntentButton
from zhishiyun_client.ui.parts.labels import label
from zhishiyun_client.ui.parts.part import Part, Tools, mark
from zhishiyun_client.ui.theme import Space

_LONGEST = 40  # twenty characters and whatever stands between them
_FORM = "XXXX-XXXX-XXXX-XXXX-XXXX"
_CHARACTERS = 24


class ReleaseRow(Part):
    """A field and 【打开试题】, with what was wrong below.

    Signals:
        intended(object): `OpenByCode`.
    """

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, Space.TIGHT, 0, 0)
        lead = label()
        self.fix(lead.setText, T.PREPARATION_CODE)
        column.addWidget(lead)
        row = ActionRow()
        row.setSpacing(Space.SNUG)
        self.field = QLineEdit()
        self.field.setObjectName(names.RELEASE_CODE)
        self.field.setMaxLength(_LONGEST)
        self.field.setPlaceholderText(_FORM)
        self.field.setMinimumWidth(self.field.fontMetrics().averageCharWidth() * _CHARACTERS)
        self.fix(self.field.setAccessibleName, T.PREPARATION_CODE)
        self.field.textChanged.connect(self._on_changed)
        self.field.returnPressed.connect(self._on_open)
        row.addWidget(self.field)
        button = IntentButton(names.OPEN_BY_CODE, None, "primary")
        self.fix(button.setText, T.PREPARATION_CODE_OPEN)
        button.clicked.connect(self._on_open)
        self.open = GatedButton(tools, button)
        row.addWidget(self.open)
        column.addLayout(row)
        self.problem = label("grave")
        column.addWidget(self.problem)
        self._view = ReleaseBox()
        self._gate()

    def draw(self, view: ReleaseBox) -> None:
        """What was wrong with the last code."""
        self._view = view
        self.put(self.problem, view.problem)
        mark(self.field, "tone", "grave" if view.problem is not None else "")
        self._gate()

    def _gate(self) -> None:
        if self._view.is_busy:
            self.open.gate(T.PREPARATION_CODE_BUSY)
        else:
            self.open.gate(None if self.field.text().strip() else T.PREPARATION_CODE_EMPTY)

    def _on_changed(self, _text: str) -> None:
        self._gate()

    def _on_open(self) -> None:
        code = self.field.text()
        if code.strip() and not self._view.is_busy:
            self.intended.emit(OpenByCode(code))
