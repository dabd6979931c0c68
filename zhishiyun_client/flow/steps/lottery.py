"""抽签: draw while the window is open; afterwards the system has assigned one (R080–R084)."""

from __future__ import annotations

from zhishiyun_client.domain.phases import Event, Phase
from zhishiyun_client.flow.clock_words import clock_time, span
from zhishiyun_client.flow.intents import Continue, Draw, Intent, Refresh
from zhishiyun_client.flow.stepping import Step
from zhishiyun_client.flow.views import LotteryView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import Words, text
from zhishiyun_protocol.errors import ZhishiyunError
from zhishiyun_protocol.messages.sitting import DrawState, Sitting

COMMITMENT_DIGITS = 16


class LotteryStep(Step):
    """The server draws; this page asks, shows and proves."""

    phase = Phase.LOTTERY

    def enter(self) -> None:
        """Start from what the server said last."""
        self._asking = False
        self._problem: Words | None = None
        self._drawn: DrawState | None = self.room.sitting.draw if self.room.sitting else None
        self._looked_after_close = False

    def beat(self) -> None:
        """When the window closes undrawn, ask once for the number the system assigned (R081)."""
        closed = self.room.now_us >= self.room.windows().lottery_closes_us
        if closed and not self._has_number() and not self._asking and not self._looked_after_close:
            self._looked_after_close = True
            self._look()

    def take(self, intent: Intent) -> None:
        """Draw once; continue with a number."""
        if isinstance(intent, Draw) and self._draw_off() is None:
            self._asking = True
            self.room.run("draw", self.room.ports.api.draw, self._on_drawn, self._on_failure)
        elif isinstance(intent, Refresh) and not self._asking:
            self._look()
        elif isinstance(intent, Continue) and self._has_number():
            self.happened(Event.PASSED)

    def view(self) -> LotteryView:
        """Three times explicit (Q12), the number, and the commitment behind it."""
        around, drawn = self.room.windows(), self._drawn
        return LotteryView(
            exam_time=clock_time(around.starts_us),
            draw_time=span(around.lottery_opens_us, around.lottery_closes_us),
            entry_time=span(around.entry_opens_us, around.entry_closes_us),
            number=str(drawn.number) if drawn and drawn.number is not None else None,
            is_drawing=self._asking,
            is_assigned=bool(drawn and drawn.assigned),
            use=text(T.LOTTERY_DECIDES_IDENTITY),
            commitment=drawn.commitment[:COMMITMENT_DIGITS] if drawn else "",
            problem=self._problem,
            draw_off=self._draw_off(),
            continue_off=None if self._has_number() else text(T.LOTTERY_CONTINUE_OFF),
        )

    def _has_number(self) -> bool:
        return self._drawn is not None and self._drawn.number is not None

    def _draw_off(self) -> Words | None:
        around, now_us = self.room.windows(), self.room.now_us
        if self._has_number():
            return text(T.LOTTERY_DRAW_OFF_DONE)
        if now_us < around.lottery_opens_us:
            return text(T.LOTTERY_DRAW_OFF_EARLY, time=clock_time(around.lottery_opens_us))
        if now_us >= around.lottery_closes_us:
            return text(T.LOTTERY_DRAW_OFF_OVER)
        return text(T.LOTTERY_DRAWING) if self._asking else None

    def _look(self) -> None:
        self._asking = True
        self.room.run("sitting", self.room.ports.api.sitting, self._on_sitting, self._on_failure)

    def _on_sitting(self, sitting: Sitting) -> None:
        self.room.take_sitting(sitting)
        if sitting.draw is not None:
            self._on_drawn(sitting.draw)
        self._asking = False

    def _on_drawn(self, drawn: DrawState) -> None:
        self._asking, self._problem, self._drawn = False, None, drawn

    def _on_failure(self, error: ZhishiyunError) -> None:
        self._asking = False
        self._looked_after_close = False
        self._problem = error.zh or error.message
