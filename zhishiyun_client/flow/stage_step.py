"""What all four stages of the exam share: time left, the question, early end, marks (R130–R147)."""

from __future__ import annotations

from zhishiyun_client.flow.intents import FinishStage, Intent, OpenByCode, ReloadQuestion
from zhishiyun_client.flow.stepping import Step
from zhishiyun_client.flow.urgency import announcement, urgency_of
from zhishiyun_client.flow.views import CountdownView, PaperView, ReleaseBox
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import Words, text
from zhishiyun_client.ports.recorder import MarkNow
from zhishiyun_protocol.timing import StageTimes, remaining_s

CODE_AFTER_US = 5_000_000  # E401: 若 5 秒内未显示


class StageStep(Step):
    """A stage runs by the schedule; nothing on its page can make it longer."""

    stage_word: T

    def enter(self) -> None:
        """Mark in the recording where the stage was reached."""
        running = self.running()
        if running is not None:
            kind = running.stage.kind.value
            self.room.ports.recorder.say(
                MarkNow(what="stage_entered", subject=kind, index=running.index)
            )

    def take(self, intent: Intent) -> None:
        """【刷新题目】 and, where the plan allows it, 【结束本阶段】."""
        if isinstance(intent, ReloadQuestion):
            self.room.papers.reload()
        elif isinstance(intent, OpenByCode):
            self.room.papers.take_code(intent.code)
        elif isinstance(intent, FinishStage) and self.may_finish() and self.has_begun():
            running = self.running()
            if running is not None:
                self.room.end_stage(running.index)
                self.room.ports.recorder.say(MarkNow(what="stage_finished", index=running.index))

    def countdown(self) -> CountdownView | None:
        """Until the stage ends."""
        running = self.running()
        if running is None:
            return None
        left_s = remaining_s(running.ends_us, self.room.now_us)
        return CountdownView(
            stage=self.stage_words(),
            remaining_s=left_s,
            next_stage=self.following(),
            urgency=urgency_of(left_s),
            announcement=announcement(self.stage_words(), left_s),
        )

    def stage_words(self) -> Words:
        """The stage in words, for the countdown."""
        return text(self.stage_word)

    def running(self) -> StageTimes | None:
        """The stage of this page while it waits or runs."""
        stage = self.room.current_stage()
        return stage if stage is not None and stage.stage.kind.value == self.phase.value else None

    def has_begun(self) -> bool:
        """Whether the stage itself runs (a self-started one may still wait)."""
        running = self.running()
        return running is not None and running.begins_us <= self.room.now_us

    def may_finish(self) -> bool:
        """Whether the plan lets the candidate end this stage early."""
        running = self.running()
        return running is not None and running.stage.may_end_early

    def following(self) -> Words | None:
        """The next stage by name; None for the last."""
        running = self.running()
        times = self.room.schedule()
        if running is None or running.index + 1 >= len(times):
            return None
        return times[running.index + 1].stage.title

    def papers(self) -> tuple[PaperView, ...]:
        """The question, where the stage shows it."""
        running = self.running()
        if running is not None and not running.stage.show_question:
            return ()
        return self.room.papers.views

    def problem(self) -> Words | None:
        """While the question has not come (F18)."""
        return None if self.room.papers.views else text(T.PREPARATION_E401)

    def release_box(self) -> ReleaseBox | None:
        """Offered once the question is late: sealed here, begun, and its key has not come."""
        papers = self.room.papers
        late_us = self.room.now_us - self.room.starts_us
        if not papers.awaits_code or late_us < CODE_AFTER_US * self.room.ports.clock.speed:
            return None
        refused = papers.code_problem
        words = None if refused is None else refused.zh or refused.message
        return ReleaseBox(problem=words, is_busy=papers.is_trying_code)
