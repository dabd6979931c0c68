"""作答 or 模拟课堂教学: by the clock, or started by the candidate within the grace (R130–R134)."""

from __future__ import annotations

from zhishiyun_client.domain.phases import Phase
from zhishiyun_client.flow.intents import Intent, StartLesson
from zhishiyun_client.flow.stage_step import StageStep
from zhishiyun_client.flow.views import AnsweringView, CountdownView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import Words, text
from zhishiyun_client.ports.recorder import MarkNow
from zhishiyun_protocol.plan import Start
from zhishiyun_protocol.timing import remaining_s


class AnsweringStep(StageStep):
    """While a self-started stage waits, the countdown shows the grace."""

    phase = Phase.ANSWERING
    stage_word = T.STAGE_ANSWERING

    def enter(self) -> None:
        """Nothing has been said about the beginning yet."""
        self._marked = False
        super().enter()

    def beat(self) -> None:
        """Mark the true beginning, whoever caused it."""
        running = self.running()
        if running is not None and not self._marked and self.has_begun():
            self._marked = True
            self.room.ports.recorder.say(MarkNow(what="stage_begun", index=running.index))

    def take(self, intent: Intent) -> None:
        """【开始模拟课堂教学】."""
        running = self.running()
        if isinstance(intent, StartLesson):
            if running is not None and self._is_self_started() and not self.has_begun():
                self.room.begin_stage(running.index)
            return
        super().take(intent)

    def stage_words(self) -> Words:
        """答题 or 模拟课堂."""
        return text(T.STAGE_LESSON if self._is_self_started() else T.STAGE_ANSWERING)

    def countdown(self) -> CountdownView | None:
        """The grace first, then the stage."""
        running = self.running()
        if running is not None and not self.has_begun():
            left_s = remaining_s(running.begins_us, self.room.now_us)
            return CountdownView(stage=text(T.STAGE_LESSON_GRACE), remaining_s=left_s)
        return super().countdown()

    def view(self) -> AnsweringView:
        """The page now."""
        running, begun = self.running(), self.has_begun()
        waits = running is not None and not begun
        cue = running.stage.end_cue if running is not None else ""
        return AnsweringView(
            papers=self.papers(),
            is_lesson=self._is_self_started(),
            is_started=begun,
            grace_s=remaining_s(running.begins_us, self.room.now_us) if running and waits else None,
            cue=cue or None,
            rules=self.room.plan.rules,
            problem=self.problem(),
            release=self.release_box(),
            next_stage=self.following(),
            may_finish=self.may_finish(),
            finish_off=None if begun else text(T.ANSWERING_FINISH_OFF_NOT_STARTED),
        )

    def _is_self_started(self) -> bool:
        running = self.running()
        return running is not None and running.stage.start is Start.SELF
