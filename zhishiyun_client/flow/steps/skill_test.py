"""技能测试: art's hour at the easel, in camera range (R135)."""

from __future__ import annotations

from zhishiyun_client.domain.phases import Phase
from zhishiyun_client.flow.stage_step import StageStep
from zhishiyun_client.flow.views import SkillTestView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import text


class SkillTestStep(StageStep):
    """The question stays on the screen."""

    phase = Phase.SKILL_TEST
    stage_word = T.STAGE_SKILL_TEST

    def view(self) -> SkillTestView:
        """The page now."""
        materials = "、".join(self.room.plan.materials.allowed)
        running = self.running()
        return SkillTestView(
            papers=self.papers(),
            materials=text(T.WAITING_MATERIALS, materials=materials) if materials else None,
            rules=running.stage.prompts if running else (),
            problem=self.problem(),
            release=self.release_box(),
            next_stage=self.following(),
            may_finish=self.may_finish(),
        )
