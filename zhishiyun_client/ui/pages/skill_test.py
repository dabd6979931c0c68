"""技能测试: the task, the tools, stay in the camera's range (R135)."""

from __future__ import annotations

from zhishiyun_client.flow.views import SkillTestView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.ui.pages.stage_page import StagePage
from zhishiyun_client.ui.parts.labels import label
from zhishiyun_client.ui.parts.part import Tools


class SkillTestPage(StagePage):
    """Draws a `SkillTestView`."""

    phase = "skill_test"

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools, T.SKILL_TEST_TITLE, T.SKILL_TEST_LEAD, T.SKILL_TEST_TASK)
        self.materials = label()
        self.below.addWidget(self.materials)

    def draw(self, view: SkillTestView) -> None:
        """Show the task."""
        self.draw_sheet(None)
        self.draw_papers(view.papers, view.problem, view.reload_off, view.release)
        self.put(self.materials, view.materials)
        self.draw_stage(view.rules, view.next_stage)
        self.draw_finish(view.may_finish, view.finish_off, view.next_stage)
