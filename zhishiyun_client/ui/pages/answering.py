"""作答 and 模拟课堂教学: question, self-start, the words to say at the end (R130, R132–R134)."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from zhishiyun_client.flow.intents import StartLesson
from zhishiyun_client.flow.views import AnsweringView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import text
from zhishiyun_client.ui import names
from zhishiyun_client.ui.pages.stage_page import StagePage
from zhishiyun_client.ui.parts.buttons import GatedButton, IntentButton
from zhishiyun_client.ui.parts.card import Card
from zhishiyun_client.ui.parts.countdown import clock_text
from zhishiyun_client.ui.parts.labels import Icon, label
from zhishiyun_client.ui.parts.part import Tools
from zhishiyun_client.ui.theme import Colour, Space


class AnsweringPage(StagePage):
    """Draws an `AnsweringView`."""

    phase = "answering"

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools, T.ANSWERING_TITLE, T.ANSWERING_LEAD, T.PREPARATION_QUESTION)
        self._make_start()
        self._make_cue()

    def draw(self, view: AnsweringView) -> None:
        """Show the question; a lesson waits for its start."""
        self.put(self.title, T.ANSWERING_LESSON_TITLE if view.is_lesson else T.ANSWERING_TITLE)
        waits = view.is_lesson and not view.is_started
        lead = T.ANSWERING_LESSON_LEAD if waits else T.ANSWERING_LEAD
        self.put(self.lead, T.ANSWERING_STARTED if view.is_lesson and view.is_started else lead)
        self.draw_sheet(view.sheet_prompt)
        self.start_card.setVisible(waits)
        if waits:
            grace = text(T.ANSWERING_GRACE, time=clock_text(view.grace_s or 0))
            self.put(self.grace, grace if view.grace_s is not None else None)
            self.start.gate(view.start_off)
        self.draw_papers(view.papers, view.problem, view.reload_off, view.release)
        self.cue_card.setVisible(view.cue is not None and view.is_started)
        if view.cue is not None:
            self.put(self.cue, f"“{self.say(view.cue)}”")
        self.draw_stage(view.rules, view.next_stage)
        self.draw_finish(view.may_finish, view.finish_off, view.next_stage)

    def _make_start(self) -> None:
        self.start_card = Card(self.tools)
        self.start_card.colour("calm")
        row = QHBoxLayout()
        row.setSpacing(Space.NORMAL)
        row.addWidget(Icon(self.tools.pictures, "play", Colour.PRIMARY, 30))
        words = QVBoxLayout()
        words.setSpacing(2)
        title = label("strong")
        self.fix(title.setText, T.ANSWERING_LESSON_LEAD)
        self.grace = label("muted")
        words.addWidget(title)
        words.addWidget(self.grace)
        button = IntentButton(names.START_LESSON, StartLesson(), "primary", "big")
        self.fix(button.setText, T.ANSWERING_START)
        self.start = GatedButton(self.tools, button)
        self.start.intended.connect(self.intended)
        row.addLayout(words, 1)
        row.addWidget(self.start, 1)
        self.start_card.body.addLayout(row)
        self.above.addWidget(self.start_card)

    def _make_cue(self) -> None:
        self.cue_card = Card(self.tools)
        self.cue_card.colour("calm")
        row = QHBoxLayout()
        row.setSpacing(Space.NORMAL)
        row.addWidget(Icon(self.tools.pictures, "speech", Colour.PRIMARY, 26))
        self.cue = label("cue")
        self.cue.setObjectName(names.CUE)
        say = label("muted", wraps=False)
        self.fix(say.setText, T.ANSWERING_SAY_AT_END)
        row.addWidget(say)
        row.addWidget(self.cue, 1)
        self.cue_card.body.addLayout(row)
        self.cue_card.body.setContentsMargins(Space.WIDE, Space.TIGHT, Space.WIDE, Space.TIGHT)
        self.above.addWidget(self.cue_card)
