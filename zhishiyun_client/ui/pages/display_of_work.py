"""展示: aim the camera, show the work, say the words (R136)."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout

from zhishiyun_client.flow.views import DisplayOfWorkView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import text
from zhishiyun_client.ui import names
from zhishiyun_client.ui.pages.binding import NumberedRow
from zhishiyun_client.ui.pages.page import Page
from zhishiyun_client.ui.pages.stage_page import FinishButton
from zhishiyun_client.ui.parts.card import Card, Rows
from zhishiyun_client.ui.parts.labels import label
from zhishiyun_client.ui.parts.part import Tools
from zhishiyun_client.ui.parts.preview import Preview
from zhishiyun_client.ui.theme import Space

_PREVIEW_PX = (520, 292)


class DisplayOfWorkPage(Page):
    """Draws a `DisplayOfWorkView`."""

    phase = "display_of_work"

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools, T.DISPLAY_OF_WORK_TITLE, T.DISPLAY_OF_WORK_LEAD)
        cue_card = Card(tools)
        cue_card.colour("calm")
        say = label("muted")
        self.fix(say.setText, T.DISPLAY_OF_WORK_SAY_NOW)
        self.cue = label("cue")
        self.cue.setObjectName(names.CUE)
        for widget in (say, self.cue):
            cue_card.body.addWidget(widget)
        steps = Card(tools)
        self._steps = Rows(steps.body, self._step)
        picture = Card(tools)
        self.preview = Preview(tools)
        self.preview.setMaximumSize(*_PREVIEW_PX)
        self.preview.setMinimumSize(300, 169)
        picture.body.addWidget(self.preview)
        side = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        side.setSpacing(Space.NORMAL)
        side.addWidget(cue_card)
        side.addWidget(steps)
        side.addStretch(1)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.setSpacing(Space.NORMAL)
        self._row.addWidget(picture, 3, Qt.AlignmentFlag.AlignTop)
        self._row.addLayout(side, 2)
        self.body.addLayout(self._row)
        self.body.addStretch(1)
        self.following = label("strong", wraps=False)
        self.finish = FinishButton(tools)
        self.finish.intended.connect(self.intended)
        self.add_minor(self.following)
        self.bar.add_right(self.finish)
        self._has_right = True
        self._show_bar()

    def set_compact(self, is_compact: bool) -> None:
        """One below the other on a small window."""
        super().set_compact(is_compact)
        if hasattr(self, "_row"):
            direction = QBoxLayout.Direction
            self._row.setDirection(direction.BottomToTop if is_compact else direction.LeftToRight)

    def draw(self, view: DisplayOfWorkView) -> None:
        """Show the picture and the words to say."""
        self.put(self.cue, f"“{self.say(view.cue)}”")
        self._steps.render(tuple(enumerate(view.steps, 1)))
        self.preview.switch_off(view.preview_off)
        following = text(T.PANEL_NEXT_STAGE, stage=view.next_stage) if view.next_stage else None
        self.put(self.following, following)
        self.finish.setVisible(view.may_finish)
        self.finish.show_state(view.finish_off, view.next_stage)

    def _step(self) -> NumberedRow:
        return NumberedRow(self.tools)
