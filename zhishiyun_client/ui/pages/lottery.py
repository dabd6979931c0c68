"""抽签: three times in words, one button, a number that stays (R080–R084, Q12)."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QGridLayout

from zhishiyun_client.flow.intents import Continue, Draw
from zhishiyun_client.flow.views import LotteryView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import text
from zhishiyun_client.ui import names
from zhishiyun_client.ui.pages.page import Page
from zhishiyun_client.ui.parts.buttons import GatedButton, IntentButton
from zhishiyun_client.ui.parts.card import Card
from zhishiyun_client.ui.parts.labels import label
from zhishiyun_client.ui.parts.part import Tools
from zhishiyun_client.ui.theme import Space, Type, font

_TIMES = (T.LOTTERY_EXAM_TIME, T.LOTTERY_DRAW_TIME, T.LOTTERY_ENTRY_TIME)


class LotteryPage(Page):
    """Draws a `LotteryView`."""

    phase = "lottery"

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools, T.LOTTERY_TITLE, T.LOTTERY_LEAD)
        self._make_times()
        self._make_draw()
        self.body.addStretch(1)
        self.continue_ = self.action(names.CONTINUE, T.COMMON_CONTINUE, Continue())

    def draw(self, view: LotteryView) -> None:
        """Show the button before, the number afterwards."""
        times = (view.exam_time, view.draw_time, view.entry_time)
        for value, words in zip(self.times, times, strict=True):
            self.put(value, words)
        is_drawn = view.number is not None
        self.put(self.result_name, T.LOTTERY_RESULT if is_drawn else None)
        self.put(self.number, view.number)
        after = T.LOTTERY_ASSIGNED if view.is_assigned else T.LOTTERY_DRAWN
        self.put(
            self.state, after if is_drawn else (T.LOTTERY_DRAWING if view.is_drawing else None)
        )
        self.put(self.use, text(T.LOTTERY_DECIDES, use=view.use) if view.use is not None else None)
        proof = self.say(text(T.LOTTERY_PROOF, digest=view.commitment))
        whole = f"{proof}\n{self.say(T.LOTTERY_PROOF_HINT)}"
        self.put(self.proof, whole if view.commitment else None)
        self.put(self.problem, view.problem)
        self.draw_button.setVisible(not is_drawn)
        self.draw_button.gate(view.draw_off)
        self.card.colour("good" if is_drawn else "")
        self.continue_.gate(view.continue_off)

    def _make_times(self) -> None:
        card = Card(self.tools)
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.WIDE)
        grid.setVerticalSpacing(Space.HAIR)
        self.times = [label() for _ in _TIMES]
        for column, (words, value) in enumerate(zip(_TIMES, self.times, strict=True)):
            name = label("muted")
            self.fix(name.setText, words)
            value.setFont(font(Type.LEAD, is_bold=True, has_tabular_digits=True))
            grid.addWidget(name, 0, column)
            grid.addWidget(value, 1, column)
            grid.setColumnStretch(column, 1)
        card.body.addLayout(grid)
        self.body.addWidget(card)

    def _make_draw(self) -> None:
        self.card = Card(self.tools)
        self.card.body.setContentsMargins(Space.WIDE, Space.PAGE, Space.WIDE, Space.PAGE)
        self.result_name = label("big")
        self.number = label("number", wraps=False)
        self.number.setObjectName(names.DRAW_NUMBER)
        self.state = label("strong")
        self.use = label("muted")
        self.proof = label("small")
        self.problem = label("problem")
        button = IntentButton(names.DRAW, Draw(), "primary", "big")
        button.draw_icon(self.tools.pictures, "ticket")
        self.fix(button.setText, T.LOTTERY_DRAW)
        self.draw_button = GatedButton(self.tools, button, QBoxLayout.Direction.TopToBottom)
        self.draw_button.intended.connect(self.intended)
        for widget in (self.result_name, self.number, self.state, self.use, self.problem):
            widget.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self.card.body.addWidget(widget)
        self.card.body.addWidget(self.draw_button, 0, Qt.AlignmentFlag.AlignHCenter)
        self.proof.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.card.body.addWidget(self.proof)
        self.body.addWidget(self.card)
