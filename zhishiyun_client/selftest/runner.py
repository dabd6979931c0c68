"""Runs checks one after another, each within its time, and reports each as it is done."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import replace

from zhishiyun_client.ports.checks import (
    Advice,
    Check,
    CheckContext,
    CheckResult,
    ChecksDone,
    CheckStarted,
    Outcome,
)
from zhishiyun_client.runtime.trays import Line
from zhishiyun_client.runtime.worker import Crashed, Report, Worker
from zhishiyun_protocol.errors import ZhishiyunError

LEAVE_S = 0.2


class CheckRun(Worker):
    """Runs these checks once, then ends. Reports CheckStarted, CheckResult, and ChecksDone last.

    A check that takes longer than its limit is left behind and its result says so; one that
    fails in a way nobody expected is a result too, never the end of the others.
    """

    def __init__(self, checks: Sequence[Check], context: CheckContext, report: Report) -> None:
        super().__init__("selftest", report)
        self._left = list(checks)
        self._context = context
        self._results: list[CheckResult] = []

    def turn(self, stop: threading.Event) -> None:
        """Run the next check; after the last, say so and end."""
        if not self._left:
            self._report(ChecksDone(tuple(self._results)))
            self.ask_to_stop()
            return
        check = self._left.pop(0)
        self._report(CheckStarted(check.id))
        found = self._within_limit(check, stop)
        if found is not None:
            self._results.append(found)
            self._report(found)

    def _within_limit(self, check: Check, stop: threading.Event) -> CheckResult | None:
        """The result; None when everything was told to stop meanwhile."""
        answers: Line[object] = Line(2)
        one = _OneCheck(check, self._context, answers)
        started_s = time.monotonic()
        one.start()
        answer: object = None
        while answer is None and not stop.is_set():
            if time.monotonic() - started_s >= check.limit_s:
                break
            answer = answers.take(within_s=0.1)
        took_s = time.monotonic() - started_s
        one.stop(LEAVE_S)
        if answer is None and stop.is_set():
            return None
        return replace(_read(check, answer), took_s=round(took_s, 3))


class _OneCheck(Worker):
    """A thread for one check, so that one that hangs does not hang the others."""

    def __init__(self, check: Check, context: CheckContext, answers: Line[object]) -> None:
        super().__init__(f"check-{check.id.value}", self._answer)
        self._answers = answers
        self._check = check
        self._context = context

    def turn(self, stop: threading.Event) -> None:
        """Run it once."""
        context = replace(self._context, wait=stop.wait)
        self._answer(self._check.run(context))
        self.ask_to_stop()

    def _answer(self, answer: object) -> None:
        self._answers.put(answer)


def _read(check: Check, answer: object) -> CheckResult:
    if isinstance(answer, CheckResult):
        return answer
    if isinstance(answer, Crashed):
        error = answer.error
        code = error.code if isinstance(error, ZhishiyunError) else type(error).__name__
        return CheckResult(check.id, Outcome.WEAK, advice=Advice.BROKEN, noted=(("error", code),))
    limit = (("seconds", f"{check.limit_s:.0f}"),)
    return CheckResult(
        check.id,
        Outcome.FAILED if check.is_required else Outcome.WEAK,
        advice=Advice.TOO_LONG,
        params=limit,
        is_required=check.is_required,
    )
