"""展示: the work before the computer's camera, and the words 展示开始 (R136)."""

from __future__ import annotations

from zhishiyun_client.domain.phases import Phase
from zhishiyun_client.flow.stage_step import StageStep
from zhishiyun_client.flow.views import DisplayOfWorkView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import text
from zhishiyun_client.ports.devices import TrackState

STEPS = (
    T.DISPLAY_OF_WORK_STEP_ADJUST,
    T.DISPLAY_OF_WORK_STEP_SAY,
    T.DISPLAY_OF_WORK_STEP_HOLD,
)


class DisplayOfWorkStep(StageStep):
    """A large self-view to aim by."""

    phase = Phase.DISPLAY_OF_WORK
    stage_word = T.STAGE_DISPLAY_OF_WORK

    def view(self) -> DisplayOfWorkView:
        """The page now."""
        running, status = self.running(), self.room.status
        there = status is not None and status.camera.state is TrackState.OK
        cue = running.stage.start_cue if running else ""
        return DisplayOfWorkView(
            cue=cue or text(T.DISPLAY_OF_WORK_CUE_WORDS),
            steps=tuple(text(key) for key in STEPS),
            preview_off=None if there else text(T.PANEL_PREVIEW_LOST),
            next_stage=self.following(),
            may_finish=self.may_finish(),
        )
