"""备课: the question, the A4 prompt, what comes next (R131, R143)."""

from __future__ import annotations

from zhishiyun_client.flow.views import PreparationView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.ui.pages.stage_page import StagePage
from zhishiyun_client.ui.parts.labels import chip
from zhishiyun_client.ui.parts.part import Tools


class PreparationPage(StagePage):
    """Draws a `PreparationView`."""

    phase = "preparation"

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools, T.PREPARATION_TITLE, T.PREPARATION_LEAD, T.PREPARATION_QUESTION)
        self.shown = chip("good")
        self.head.addWidget(self.shown)

    def draw(self, view: PreparationView) -> None:
        """Show the question and the prompt while it is due."""
        self.put(self.shown, T.PREPARATION_A4_SHOWN if view.is_sheet_shown else None)
        self.draw_sheet(view.sheet_prompt)
        self.draw_papers(view.papers, view.problem, view.reload_off, view.release)
        self.draw_stage(view.rules, view.next_stage)
        self.draw_finish(view.may_finish, view.finish_off, view.next_stage)
