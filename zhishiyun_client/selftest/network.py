"""The line to the real server: reach, round trip, loss, clock, uplink (R031, F13, F20)."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from zhishiyun_client.ports.api import ExamApi
from zhishiyun_client.ports.checks import (
    Advice,
    Bound,
    CheckContext,
    CheckId,
    CheckResult,
    Outcome,
    Unit,
)
from zhishiyun_client.selftest.judging import at_least, at_most, failed, result, skipped
from zhishiyun_protocol.clock import Exchange, ServerClock, measured, narrowed
from zhishiyun_protocol.errors import ZhishiyunError
from zhishiyun_protocol.messages.entering import TimeQuestion

QUESTIONS = 6
BETWEEN_S = 0.15
GOOD_LOSS_SHARE = 0.0
USABLE_LOSS_SHARE = 0.5  # uploading goes on by itself whenever the line is there
GOOD_ROUND_TRIP_MS = 300.0  # the time of the question is exact to half of it
USABLE_ROUND_TRIP_MS = 1500.0
# The recording is 1.1-1.3 Mbit/s (research/capture.md §3.6); below that it arrives after the exam.
GOOD_UPLINK_KBPS = 2000.0
UPLINK_FOR_S = 3.0
# The exam's time is the server's whatever the machine's clock shows; but certificates and the
# candidate's own planning need it right to some minutes (F13, F47).
GOOD_CLOCK_MS = 120_000.0


@dataclass(frozen=True, slots=True)
class Talk:
    """Some questions for the time and what came back."""

    asked: int
    exchanges: tuple[Exchange, ...]
    code: str = ""  # of the last failure

    @property
    def loss_share(self) -> float:
        """Questions that nobody answered, 0…1."""
        return 1 - len(self.exchanges) / self.asked

    @property
    def round_trip_ms(self) -> float:
        """The middle one, without the server's own time."""
        return statistics.median(_travel_us(exchange) / 1000 for exchange in self.exchanges)

    def clock(self) -> ServerClock:
        """What all the answers prove together."""
        first, *others = self.exchanges
        known = measured(first)
        for exchange in others:
            known = narrowed(known, measured(exchange))
        return known


def talk(api: ExamApi, context: CheckContext, questions: int = QUESTIONS) -> Talk:
    """Ask the time a few times; failures are counted, not raised."""
    exchanges: list[Exchange] = []
    code = ""
    for number in range(questions):
        try:
            sent_us = context.local_us()
            answer = api.ask_time(TimeQuestion(sent_us=sent_us))
            exchanges.append(
                Exchange(
                    sent_us,
                    answer.server_received_us,
                    answer.server_sent_us,
                    context.local_us(),
                    answer.speed,
                )
            )
        except ZhishiyunError as error:
            code = error.code
        if number + 1 < questions and context.wait(BETWEEN_S):
            break
    return Talk(questions, tuple(exchanges), code)


class NetworkCheck:
    """Whether the server answers."""

    id = CheckId.NETWORK
    limit_s = 40.0
    is_required = True

    def run(self, context: CheckContext) -> CheckResult:
        """Required: without the server there is no exam to enter."""
        if context.probes.api is None:
            return skipped(self.id)
        said = talk(context.probes.api, context)
        outcome = at_most(said.loss_share, GOOD_LOSS_SHARE, USABLE_LOSS_SHARE)
        return result(
            self.id,
            outcome if said.exchanges else Outcome.FAILED,
            said.loss_share,
            Unit.SHARE,
            GOOD_LOSS_SHARE,
            bound=Bound.AT_MOST,
            advice=Advice.NETWORK_LOSSY if said.exchanges else Advice.NETWORK_NONE,
            noted=(("failure", said.code),) if said.code else (),
            is_required=True,
        )


class LatencyCheck:
    """How long a question and its answer travel."""

    id = CheckId.LATENCY
    limit_s = 40.0
    is_required = False

    def run(self, context: CheckContext) -> CheckResult:
        """Slow is weak, never more."""
        if context.probes.api is None:
            return skipped(self.id)
        said = talk(context.probes.api, context)
        if not said.exchanges:
            return failed(self.id, Advice.NETWORK_NONE)
        round_trip_ms = said.round_trip_ms
        return result(
            self.id,
            at_most(round_trip_ms, GOOD_ROUND_TRIP_MS, USABLE_ROUND_TRIP_MS),
            round_trip_ms,
            Unit.MS,
            GOOD_ROUND_TRIP_MS,
            bound=Bound.AT_MOST,
            advice=Advice.NETWORK_SLOW,
        )


class ClockCheck:
    """How wrong the machine's wall clock is; the exam does not use it."""

    id = CheckId.CLOCK
    limit_s = 40.0
    is_required = False

    def run(self, context: CheckContext) -> CheckResult:
        """Wrong is weak: the exam's own time is right in any case."""
        if context.probes.api is None:
            return skipped(self.id)
        said = talk(context.probes.api, context)
        if not said.exchanges:
            return failed(self.id, Advice.NETWORK_NONE)
        clock = said.clock()
        now_us = context.local_us()
        wrong_ms = abs(context.wall_us() - clock.now_us(now_us)) / 1000
        is_real_time = clock.speed == 1.0  # a rehearsal's clock runs as it likes
        good = wrong_ms <= GOOD_CLOCK_MS or not is_real_time
        return result(
            self.id,
            Outcome.PASSED if good else Outcome.WEAK,
            wrong_ms if is_real_time else None,
            Unit.MS,
            GOOD_CLOCK_MS,
            bound=Bound.AT_MOST,
            advice=Advice.CLOCK_WRONG,
            noted=(("exam_time_error_ms", f"{clock.error_at_us(now_us) / 1000:.1f}"),),
        )


class UplinkCheck:
    """How much the line carries up. Less than the recording only means: later."""

    id = CheckId.UPLINK
    limit_s = 30.0
    is_required = False

    def run(self, context: CheckContext) -> CheckResult:
        """Slow is weak, never more (F20)."""
        if context.probes.uplink is None:
            return skipped(self.id)
        try:
            kbps = context.probes.uplink.kbps(UPLINK_FOR_S)
        except ZhishiyunError as error:
            return result(
                self.id,
                Outcome.WEAK,
                None,
                Unit.KBPS,
                GOOD_UPLINK_KBPS,
                advice=Advice.NETWORK_SLOW,
                noted=(("failure", error.code),),
            )
        return result(
            self.id,
            at_least(kbps, GOOD_UPLINK_KBPS, 0.0),
            kbps,
            Unit.KBPS,
            GOOD_UPLINK_KBPS,
            advice=Advice.NETWORK_SLOW,
        )


def _travel_us(exchange: Exchange) -> float:
    there_us = (exchange.received_us - exchange.sent_us) * exchange.speed
    return (there_us - (exchange.server_sent_us - exchange.server_received_us)) / exchange.speed
