"""告知与同意: one card a purpose, separate consent for face data, two equal ways (R040)."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QGridLayout

from zhishiyun_client.flow.intents import AgreeAndContinue, DeclineFace, TickFaceConsent
from zhishiyun_client.flow.views import ConsentCardView, ConsentView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.ui import names
from zhishiyun_client.ui.pages.page import Page
from zhishiyun_client.ui.parts.card import Card, Rows
from zhishiyun_client.ui.parts.labels import Icon, label
from zhishiyun_client.ui.parts.part import Tools
from zhishiyun_client.ui.theme import Colour, Space

_LINES = (T.CONSENT_PURPOSE, T.CONSENT_DATA, T.CONSENT_RETENTION, T.CONSENT_WHO)
_NAME_WIDTH_PX = 130


class ConsentCard(Card):
    """One purpose: what for, which data, how long, who sees it."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self.heading = label("title")
        self.head.addWidget(Icon(tools.pictures, "shield", Colour.PRIMARY, 24))
        self.head.addWidget(self.heading, 1)
        self.body.addLayout(self.head)
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.NORMAL)
        grid.setVerticalSpacing(Space.TIGHT)
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(0, _NAME_WIDTH_PX)
        self.values = [label() for _ in _LINES]
        for line, (words, value) in enumerate(zip(_LINES, self.values, strict=True)):
            name = label("muted")
            self.fix(name.setText, words)
            grid.addWidget(name, line, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(value, line, 1)
        self.body.addLayout(grid)

    def draw(self, view: ConsentCardView) -> None:
        """Fill the card."""
        self.put(self.heading, view.title)
        for value, words in zip(
            self.values, (view.purpose, view.data, view.retention, view.who), strict=True
        ):
            self.put(value, words)


class ConsentPage(Page):
    """Draws a `ConsentView`."""

    phase = "consent"

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools, T.CONSENT_TITLE, T.CONSENT_LEAD)
        self._face_card = ConsentCard(tools)
        self.body.addWidget(self._face_card)
        self.tick = tick = Card(tools)
        self.face = QCheckBox()
        self.face.setObjectName(names.FACE_TICK)
        self.face.clicked.connect(self._on_face_clicked)
        self.fix(self.face.setText, T.CONSENT_FACE_TICK)
        hint = label("muted")
        hint.setContentsMargins(42, 0, 0, 0)
        self.fix(hint.setText, T.CONSENT_FACE_TICK_HINT)
        tick.body.setSpacing(0)
        tick.body.addWidget(self.face)
        tick.body.addWidget(hint)
        self.body.addWidget(tick)
        self._cards = Rows(self.body, self._card)
        self.rights = label("muted")
        self.body.addWidget(self.rights)
        self.body.addStretch(1)
        # Two ways of equal weight: same kind, same size, neither chosen beforehand.
        self.decline = self.action(names.DECLINE, T.CONSENT_DECLINE, DeclineFace())
        self.agree = self.action(names.AGREE, T.CONSENT_AGREE, AgreeAndContinue())

    def draw(self, view: ConsentView) -> None:
        """The face's card with its own tick first, then the rest."""
        own, rest = (view.cards[:1], view.cards[1:]) if view.asks_face else ((), view.cards)
        self._face_card.setVisible(bool(own))
        for card in own:
            self._face_card.render(card)
        self._cards.render(rest)
        self.put(self.rights, view.rights)
        self.tick.setVisible(view.asks_face)
        self.decline.setVisible(view.asks_face)
        self.agree.button.setText(
            self.say(T.CONSENT_AGREE if view.asks_face else T.CONSENT_CONTINUE)
        )
        self.face.setChecked(view.is_face_ticked)
        self.agree.gate(view.agree_off)

    def _card(self) -> ConsentCard:
        return ConsentCard(self.tools)

    def _on_face_clicked(self, is_given: bool) -> None:
        self.intended.emit(TickFaceConsent(is_given))
