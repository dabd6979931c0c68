"""备课: the question, the sheet shown to the camera, and on by itself (R131, R143)."""

from __future__ import annotations

from collections.abc import Callable

from zhishiyun_client.domain.phases import Event, Phase
from zhishiyun_client.flow.intents import Intent, ShownSheet
from zhishiyun_client.flow.room import Room
from zhishiyun_client.flow.stage_step import StageStep
from zhishiyun_client.flow.views import PreparationView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.ports.recorder import MarkNow
from zhishiyun_protocol.messages.sitting import ActKind


class PreparationStep(StageStep):
    """The sheet's prompt stays until the candidate says it was shown."""

    phase = Phase.PREPARATION
    stage_word = T.STAGE_PREPARATION

    def __init__(self, room: Room, happened: Callable[[Event], None]) -> None:
        super().__init__(room, happened)
        self._shown = False

    def take(self, intent: Intent) -> None:
        """【已展示，继续】 puts a mark in the recording."""
        if isinstance(intent, ShownSheet) and not self._shown:
            self._shown = True
            self.room.ports.recorder.say(MarkNow(what="materials_shown"))
            self.room.do(ActKind.MATERIALS_SHOWN)
            return
        super().take(intent)

    def view(self) -> PreparationView:
        """The page now."""
        materials = self.room.plan.materials
        wanted = materials.show_to == "computer" and not self._shown
        return PreparationView(
            papers=self.papers(),
            problem=self.problem(),
            release=self.release_box(),
            next_stage=self.following(),
            sheet_prompt=materials.show_prompt if wanted else None,
            is_sheet_shown=self._shown,
            rules=self.room.plan.rules,
            may_finish=self.may_finish(),
        )
