"""阅读考试流程: read after login, and the reading is kept (R051)."""

from __future__ import annotations

import hashlib

from zhishiyun_client.domain.phases import Event, Phase
from zhishiyun_client.flow.intents import ConfirmRead, Intent
from zhishiyun_client.flow.stepping import Step
from zhishiyun_client.flow.views import FlowStepView, ReadingFlowView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import text
from zhishiyun_protocol.messages.sitting import ActKind

SEPARATOR = "："


class ReadingFlowStep(Step):
    """The plan's own sentences where it has them, else one sentence a phase."""

    phase = Phase.READING_FLOW

    def take(self, intent: Intent) -> None:
        """【已阅】: keep which wording was read."""
        if isinstance(intent, ConfirmRead):
            words = "\n".join(self.room.plan.reading.steps)
            self.room.do(ActKind.FLOW_READ, version=hashlib.sha256(words.encode()).hexdigest())
            self.happened(Event.PASSED)

    def view(self) -> ReadingFlowView:
        """All steps on one page."""
        sentences = self.room.plan.reading.steps
        if sentences:
            return ReadingFlowView(steps=tuple(_own(sentence) for sentence in sentences))
        return ReadingFlowView(steps=tuple(_general(Phase(name)) for name in self.room.plan.flow))


def _own(sentence: str) -> FlowStepView:
    name, found, explanation = sentence.partition(SEPARATOR)
    return FlowStepView(name, explanation) if found else FlowStepView(sentence, "")


def _general(phase: Phase) -> FlowStepView:
    return FlowStepView(text(T[f"PHASE_{phase.name}"]), text(T[f"READING_FLOW_{phase.name}"]))
