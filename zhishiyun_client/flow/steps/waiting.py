"""待考倒计时: nothing to click; at zero the question is there (R120–R123)."""

from __future__ import annotations

from zhishiyun_client.domain.phases import Phase
from zhishiyun_client.flow.clock_words import clock_time
from zhishiyun_client.flow.stepping import Step
from zhishiyun_client.flow.views import CountdownView, WaitingView
from zhishiyun_client.flow.waiting_words import to_start
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import text
from zhishiyun_protocol.timing import remaining_s

MAY = (T.WAITING_MAY_BREATHE, T.WAITING_MAY_PAPER, T.WAITING_MAY_HELP)
MAY_NOT = (
    T.WAITING_MAY_NOT_LEAVE,
    T.WAITING_MAY_NOT_SWITCH,
    T.WAITING_MAY_NOT_PHONE,
    T.WAITING_MAY_NOT_UNPLUG,
)


class WaitingStep(Step):
    """The conductor's stage watch leads on; this page only tells."""

    phase = Phase.WAITING

    def countdown(self) -> CountdownView | None:
        """Until the exam begins."""
        return to_start(self.room)

    def view(self) -> WaitingView:
        """What may be done and what may not."""
        allowed = "、".join(self.room.plan.materials.allowed)
        ready = self.room.papers.is_ready
        return WaitingView(
            remaining_s=remaining_s(self.room.starts_us, self.room.now_us),
            begins_at=clock_time(self.room.starts_us),
            may=tuple(text(key) for key in MAY),
            may_not=tuple(text(key) for key in MAY_NOT),
            materials=text(T.WAITING_MATERIALS, materials=allowed) if allowed else None,
            paper=text(T.WAITING_PAPER_READY if ready else T.WAITING_PAPER_WAITING),
        )
