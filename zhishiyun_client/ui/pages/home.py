"""首页: one card an exam, the next action big, the server's time (R050)."""

from __future__ import annotations

from PySide6.QtWidgets import QBoxLayout, QGridLayout, QLabel, QVBoxLayout

from zhishiyun_client.flow.views import Band, ExamCardView, HomeView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.ui import names
from zhishiyun_client.ui.pages.page import Page
from zhishiyun_client.ui.parts.buttons import GatedButton, IntentButton, rule
from zhishiyun_client.ui.parts.card import Card, Rows
from zhishiyun_client.ui.parts.labels import chip, label
from zhishiyun_client.ui.parts.part import Tools, mark
from zhishiyun_client.ui.theme import Space, Type, font

_TIMES = (T.HOME_WHEN, T.HOME_LOGIN, T.HOME_ENTRY, T.HOME_DRAW)
_BANDS = {
    Band.FORMAL: (T.BAND_FORMAL, "calm"),
    Band.MOCK: (T.BAND_MOCK, "caution"),
    Band.REHEARSAL: (T.BAND_REHEARSAL, "caution"),
}


class ExamCard(Card):
    """One exam: its times in two columns, its state, what comes next."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self.heading = label("title")
        self.band = chip("calm")
        self.state = chip()
        self.head.addWidget(self.heading, 1)
        self.head.addWidget(self.band)
        self.head.addWidget(self.state)
        self.body.addLayout(self.head)
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.WIDE)
        grid.setVerticalSpacing(Space.NORMAL)
        self.names: list[QLabel] = []
        self.values: list[QLabel] = []
        for index, words in enumerate(_TIMES):
            name, value = label("muted"), label()
            value.setFont(font(Type.LEAD, is_bold=True, has_tabular_digits=True))
            self.fix(name.setText, words)
            pair = QVBoxLayout()
            pair.setSpacing(2)
            pair.addWidget(name)
            pair.addWidget(value)
            grid.addLayout(pair, index // 2, index % 2)
            grid.setColumnStretch(index % 2, 1)
            self.names.append(name)
            self.values.append(value)
        self.body.addLayout(grid)
        self.body.addWidget(rule())
        self.explanation = label("muted")
        self.body.addWidget(self.explanation)
        button = IntentButton(names.EXAM_ACTION, None, "primary", "big")
        self.action = GatedButton(tools, button, QBoxLayout.Direction.LeftToRight)
        self.action.intended.connect(self.intended)
        self.body.addWidget(self.action)

    def draw(self, view: ExamCardView) -> None:
        """Fill the card."""
        self.put(self.heading, view.title)
        words, tone = _BANDS[view.band]
        self.put(self.band, words)
        mark(self.band, "tone", tone)
        self.put(self.state, view.state or None)
        times = (view.when, view.login_opens, view.entry_window, view.draw_window)
        for name, value, time in zip(self.names, self.values, times, strict=True):
            self.put(value, time or None)
            name.setVisible(bool(time))
        self.put(self.explanation, view.explanation)
        self.action.button.setObjectName(f"{names.EXAM_ACTION}.{view.exam_id}")
        self.action.button.setText(self.say(view.action))
        self.action.button.intent = view.intent
        self.action.gate(view.action_off)


class HomePage(Page):
    """Draws a `HomeView`."""

    phase = "home"

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools, T.HOME_TITLE, T.HOME_LEAD)
        self.clock = label("muted", wraps=False)
        self.clock.setFont(font(Type.BODY, has_tabular_digits=True))
        self.body.addWidget(self.clock)
        self._cards = Rows(self.body, self._card)
        self.empty = label("muted")
        self.fix(self.empty.setText, T.HOME_EMPTY)
        self.body.addWidget(self.empty)
        self.body.addStretch(1)

    def draw(self, view: HomeView) -> None:
        """Show the exams."""
        time = f"{self.say(T.HOME_SERVER_TIME)}  {view.server_date_time}"
        self.put(self.clock, time if view.server_date_time else None)
        self._cards.render(view.cards)
        self.empty.setVisible(not view.cards)

    def _card(self) -> ExamCard:
        made = ExamCard(self.tools)
        made.intended.connect(self.intended)
        return made
