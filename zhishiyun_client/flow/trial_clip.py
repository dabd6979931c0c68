"""试录 as the page shows it: what the recorder says, and the seconds that are left."""

from __future__ import annotations

import math

from zhishiyun_client.flow.views import ClipState
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import Words, text
from zhishiyun_client.ports.recorder import (
    TRIAL_S,
    PlayTrial,
    RecorderDesk,
    RecordTrial,
    Trial,
    TrialState,
)
from zhishiyun_client.runtime.clock import monotonic_us

GIVES_UP_S = 15.0  # a recorder that was made anew knows nothing of it any more
_US = 1_000_000
_STATES = {
    TrialState.NONE: ClipState.EMPTY,
    TrialState.RECORDING: ClipState.RECORDING,
    TrialState.PLAYING: ClipState.PLAYING,
    TrialState.READY: ClipState.READY,
    TrialState.FAILED: ClipState.READY,
}


class TrialClip:
    """Six seconds to listen to. Thread: ui."""

    def __init__(self) -> None:
        self.state = ClipState.EMPTY
        self.problem: Words | None = None
        self._since_us = 0

    def reset(self) -> None:
        """The page is new, or another microphone was chosen."""
        self.state, self.problem = ClipState.EMPTY, None

    def record(self, recorder: RecorderDesk) -> None:
        """Take six seconds."""
        if self._is_busy():
            return
        recorder.say(RecordTrial())
        self._show(ClipState.RECORDING)

    def play(self, recorder: RecorderDesk) -> None:
        """Hear them again."""
        if self.state is ClipState.READY:
            recorder.say(PlayTrial())
            self._show(ClipState.PLAYING)

    def hear(self, said: Trial) -> None:
        """What the recorder says of it."""
        self._show(_STATES[said.state])
        failed = said.state is TrialState.FAILED
        self.problem = text(T.DEVICE_CONFIRMATION_CLIP_FAILED) if failed else None

    def beat(self) -> None:
        """Nobody answers any more: it may be tried again."""
        if self._is_busy() and self._since_s() > GIVES_UP_S:
            self.reset()

    @property
    def left_s(self) -> int:
        """Seconds until it is whole."""
        return max(0, math.ceil(TRIAL_S - self._since_s()))

    def _is_busy(self) -> bool:
        return self.state in (ClipState.RECORDING, ClipState.PLAYING)

    def _show(self, state: ClipState) -> None:
        if state is not self.state:
            self._since_us = monotonic_us()
        self.state, self.problem = state, None

    def _since_s(self) -> float:
        return (monotonic_us() - self._since_us) / _US
