"""进入考试: when it opens, why it is closed, one display, no forbidden programs (R100–R107)."""

from __future__ import annotations

from PySide6.QtWidgets import QBoxLayout, QGridLayout, QHBoxLayout, QVBoxLayout

from zhishiyun_client.flow.intents import CloseProgram, Enter, Refresh
from zhishiyun_client.flow.views import EntryView, ProgramView, Tone
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import text
from zhishiyun_client.ui import names
from zhishiyun_client.ui.pages.page import Page
from zhishiyun_client.ui.parts.buttons import GatedButton, IntentButton
from zhishiyun_client.ui.parts.card import Card, Rows
from zhishiyun_client.ui.parts.check_row import CheckRow
from zhishiyun_client.ui.parts.labels import Icon, label
from zhishiyun_client.ui.parts.part import Part, Tools
from zhishiyun_client.ui.theme import Colour, Space, Type, font

_TIMES = (T.ENTRY_OPENS, T.ENTRY_BEGINS, T.ENTRY_CLOSES)
_TONE = {
    Tone.CALM: ("calm", "clock", Colour.PRIMARY),
    Tone.GOOD: ("good", "tick_circle", Colour.GOOD),
    Tone.CAUTION: ("caution", "caution", Colour.CAUTION),
    Tone.GRAVE: ("grave", "cross_circle", Colour.GRAVE),
}


class ProgramRow(Part):
    """A program and a button that closes it with consent (R172)."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self.name = label("strong")
        button = IntentButton(names.CLOSE_PROGRAM, None, "", "row")
        self.fix(button.setText, T.ENTRY_CLOSE_PROGRAM)
        self.close_button = GatedButton(tools, button, QBoxLayout.Direction.RightToLeft)
        self.close_button.intended.connect(self.intended)
        row.addWidget(self.name, 1)
        row.addWidget(self.close_button, 2)

    def draw(self, view: ProgramView) -> None:
        """Name it."""
        self.put(self.name, view.name)
        self.close_button.button.setObjectName(f"{names.CLOSE_PROGRAM}.{view.program_id}")
        self.close_button.button.intent = CloseProgram(view.program_id)
        self.close_button.button.setAccessibleName(f"{self.close_button.button.text()} {view.name}")
        self.close_button.gate(view.close_off)


class EntryPage(Page):
    """Draws an `EntryView`."""

    phase = "entry"

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools, T.ENTRY_TITLE, T.ENTRY_LEAD)
        self._make_status()
        self._make_checks()
        self.rules = label("muted")
        self.fix(self.rules.setText, T.ENTRY_RULES)
        self.body.addWidget(self.rules)
        self.body.addStretch(1)
        self.refresh = self.action(names.REFRESH, T.ENTRY_REFRESH, Refresh(), "", "refresh")
        self.checked = label("small", wraps=False)
        self.add_minor(self.checked)
        self.enter = self.action(names.ENTER, T.ENTRY_ENTER, Enter())
        self.enter.button.setProperty("size", "big")

    def draw(self, view: EntryView) -> None:
        """Show the times, the state and what is in the way."""
        tone, picture, colour = _TONE[view.status_tone]
        self.status_card.colour(tone)
        self.icon.choose(picture, colour)
        self.put(self.status, view.status)
        self.put(
            self.code,
            text(T.COMMON_ERROR_CODE, code=view.status_code) if view.status_code else None,
        )
        for value, words in zip(
            self.times, (view.opens_at, view.begins_at, view.closes_at), strict=True
        ):
            self.put(value, words)
        self._checks.render(view.checks)
        self.checks_card.setVisible(bool(view.checks))
        self._programs.render(view.programs)
        self.programs_card.setVisible(bool(view.programs))
        self.put(
            self.checked,
            text(T.ENTRY_CHECKED_AT, time=view.checked_at) if view.checked_at else None,
        )
        self.refresh.gate(view.refresh_off)
        self.enter.gate(view.enter_off)

    def _make_status(self) -> None:
        self.status_card = Card(self.tools)
        row = QHBoxLayout()
        row.setSpacing(Space.NORMAL)
        self.icon = Icon(self.tools.pictures, "clock", Colour.PRIMARY, 32)
        words = QVBoxLayout()
        words.setSpacing(2)
        self.status = label("big")
        self.status.setObjectName("entry.status")
        self.code = label("small")
        self.code.setObjectName(names.ENTRY_CODE)
        words.addWidget(self.status)
        words.addWidget(self.code)
        row.addWidget(self.icon)
        row.addLayout(words, 1)
        self.status_card.body.addLayout(row)
        self.body.addWidget(self.status_card)
        card = Card(self.tools)
        grid = QGridLayout()
        grid.setVerticalSpacing(Space.HAIR)
        self.times = [label() for _ in _TIMES]
        for column, (words_key, value) in enumerate(zip(_TIMES, self.times, strict=True)):
            name = label("muted")
            self.fix(name.setText, words_key)
            value.setFont(font(Type.PAGE, is_bold=True, has_tabular_digits=True))
            grid.addWidget(name, 0, column)
            grid.addWidget(value, 1, column)
            grid.setColumnStretch(column, 1)
        card.body.addLayout(grid)
        self.body.addWidget(card)

    def _make_checks(self) -> None:
        self.checks_card = Card(self.tools)
        self._checks = Rows(self.checks_card.body, self._check)
        self.programs_card = Card(self.tools, T.ENTRY_PROGRAMS_TITLE, "caution")
        self._programs = Rows(self.programs_card.body, self._program)
        self.body.addWidget(self.checks_card)
        self.body.addWidget(self.programs_card)

    def _check(self) -> CheckRow:
        made = CheckRow(self.tools)
        made.intended.connect(self.intended)
        return made

    def _program(self) -> ProgramRow:
        made = ProgramRow(self.tools)
        made.intended.connect(self.intended)
        return made
