"""结束: recording stops by itself, the log is closed, the upload goes on (R157, R180, R181)."""

from __future__ import annotations

from collections.abc import Callable

from zhishiyun_client.domain.phases import Event, Phase
from zhishiyun_client.flow.room import Room
from zhishiyun_client.flow.stepping import Step
from zhishiyun_client.flow.views import EndingView, StepState, StepView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import text
from zhishiyun_client.ports.recorder import Finish, RecorderState
from zhishiyun_protocol.messages.sitting import ActKind

REASONS = {
    "candidate": T.ENDING_BY_CANDIDATE,
    "time_up": T.ENDING_BY_TIME,
    "supervisor": T.ENDING_BY_ORDER,
}
CLOSED = (RecorderState.UPLOADING, RecorderState.DONE)


class EndingStep(Step):
    """Leads on as soon as the recorder says that the log is closed."""

    phase = Phase.ENDING

    def __init__(self, room: Room, happened: Callable[[Event], None]) -> None:
        super().__init__(room, happened)
        self._left = False

    def enter(self) -> None:
        """Tell the recorder and the server once."""
        self._left = False
        why = self.room.ended_why or "time_up"
        self.room.ports.recorder.say(Finish(why=why))
        self.room.do(ActKind.EXAM_ENDED, subject=why)

    def beat(self) -> None:
        """Whether the log is closed."""
        status = self.room.status
        if status is not None and status.state in CLOSED and not self._left:
            self._left = True
            self.happened(Event.PASSED)

    def view(self) -> EndingView:
        """What is happening."""
        status = self.room.status
        stopped = status is not None and status.state is not RecorderState.RECORDING
        closed = status is not None and status.state in CLOSED
        return EndingView(
            reason=text(REASONS.get(self.room.ended_why, T.ENDING_BY_TIME)),
            steps=(
                _line(T.ENDING_STOPPING, done=stopped, current=not stopped),
                _line(T.ENDING_SEALING, done=closed, current=stopped and not closed),
                _line(T.ENDING_HANDING_OVER, done=False, current=closed),
            ),
        )


def _line(key: T, *, done: bool, current: bool) -> StepView:
    state = StepState.DONE if done else StepState.CURRENT if current else StepState.AHEAD
    return StepView(text(key), state)
