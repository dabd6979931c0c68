"""待考倒计时: a large countdown, what one may do and may not (R120–R124)."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout

from zhishiyun_client.flow.views import WaitingView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import Words, text
from zhishiyun_client.ui import names
from zhishiyun_client.ui.pages.page import Page
from zhishiyun_client.ui.parts.card import Card, Rows
from zhishiyun_client.ui.parts.countdown import clock_text
from zhishiyun_client.ui.parts.labels import Icon, label
from zhishiyun_client.ui.parts.part import Part, Tools
from zhishiyun_client.ui.theme import Colour, Space, Type, font


class DutyRow(Part):
    """A tick or a cross, and what it stands for."""

    def __init__(self, tools: Tools, picture: str, colour: Colour) -> None:
        super().__init__(tools)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 0, 2)
        row.setSpacing(Space.SNUG)
        row.addWidget(Icon(tools.pictures, picture, colour, 22), 0, Qt.AlignmentFlag.AlignTop)
        self.words = label()
        row.addWidget(self.words, 1)

    def draw(self, view: Words) -> None:
        """Say it."""
        self.put(self.words, view)


class WaitingPage(Page):
    """Draws a `WaitingView`; the page has its countdown, large, besides the panel's."""

    phase = "waiting"

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools, T.WAITING_TITLE, T.WAITING_LEAD)
        card = Card(tools)
        card.body.setSpacing(Space.HAIR)
        self.begins = label("big")
        self.clock = label(wraps=False)
        self.clock.setObjectName(names.BIG_COUNTDOWN)
        self.clock.setFont(font(Type.HUGE, is_bold=True, has_tabular_digits=True))
        self.paper = label("muted")
        for each in (self.begins, self.clock, self.paper):
            each.setAlignment(Qt.AlignmentFlag.AlignCenter)
            card.body.addWidget(each)
        self.body.addWidget(card)
        row = QHBoxLayout()
        row.setSpacing(Space.NORMAL)
        may = Card(tools, T.WAITING_MAY, "tick_circle")
        may_not = Card(tools, T.WAITING_MAY_NOT, "cross_circle")
        self._may = Rows(may.body, self._may_row)
        self._may_not = Rows(may_not.body, self._may_not_row)
        for each_card in (may, may_not):
            each_card.body.addStretch(1)
            row.addWidget(each_card, 1)
        self.body.addLayout(row)
        self.materials = label("muted")
        self.body.addWidget(self.materials)
        self.body.addStretch(1)

    def set_compact(self, is_compact: bool) -> None:
        """Digits that fit."""
        super().set_compact(is_compact)
        if hasattr(self, "clock"):
            size = Type.HUGE_SMALL if is_compact else Type.HUGE
            self.clock.setFont(font(size, is_bold=True, has_tabular_digits=True))

    def draw(self, view: WaitingView) -> None:
        """Put the time and the two lists."""
        self.put(self.begins, text(T.WAITING_BEGINS, time=view.begins_at))
        self.put(self.clock, clock_text(view.remaining_s))
        self.put(self.paper, view.paper)
        self._may.render(view.may)
        self._may_not.render(view.may_not)
        self.put(self.materials, view.materials)

    def _may_row(self) -> DutyRow:
        return DutyRow(self.tools, "tick", Colour.GOOD)

    def _may_not_row(self) -> DutyRow:
        return DutyRow(self.tools, "cross", Colour.GRAVE)
