"""A check's result in words: name, number, threshold, advice (R035)."""

from __future__ import annotations

from zhishiyun_client.flow.views import CheckOutcome, CheckView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import Words, text
from zhishiyun_client.ports.checks import Advice, Bound, CheckId, CheckResult, Outcome, Unit

OUTCOMES = {
    Outcome.PASSED: CheckOutcome.PASSED,
    Outcome.WEAK: CheckOutcome.WEAK,
    Outcome.FAILED: CheckOutcome.FAILED,
    Outcome.SKIPPED: CheckOutcome.WAITING,
}
UNIT_WORDS = {
    Unit.COUNT: T.CHECK_MEASURED_COUNT,
    Unit.GIB: T.CHECK_MEASURED_GIB,
    Unit.MIB_PER_S: T.CHECK_MEASURED_MIBPS,
    Unit.KBPS: T.CHECK_MEASURED_MBPS,
    Unit.MS: T.CHECK_MEASURED_MS,
    Unit.SHARE: T.CHECK_MEASURED_SHARE,
    Unit.FPS: T.CHECK_MEASURED_FPS,
    Unit.DB: T.CHECK_MEASURED_DB,
}
KBPS_PER_MBPS = 1000


def check_view(check: CheckId, result: CheckResult | None, *, running: bool) -> CheckView:
    """One line of the list."""
    title = text(T(check.name_key))
    if running:
        return CheckView(check.value, title, CheckOutcome.RUNNING)
    if result is None:
        return CheckView(check.value, title, CheckOutcome.WAITING)
    advice = None
    if result.advice is not Advice.NONE:
        advice = text(T(result.advice.value), **dict(result.params))
    return CheckView(
        name=check.value,
        title=title,
        outcome=OUTCOMES[result.outcome],
        measured=_amount(result.measured, result.unit),
        threshold=_threshold(result),
        advice=advice,
        is_optional=not result.is_required,
    )


def _amount(value: float | None, unit: Unit) -> Words | None:
    if value is None or unit is Unit.NONE:
        return None
    if unit is Unit.COUNT:
        return text(UNIT_WORDS[unit], count=round(value))
    if unit is Unit.KBPS:
        return text(UNIT_WORDS[unit], value=_short(value / KBPS_PER_MBPS))
    if unit is Unit.SHARE:
        return text(UNIT_WORDS[unit], value=round(value * 100))
    return text(UNIT_WORDS[unit], value=_short(value))


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 10 else f"{value:.1f}"


def _threshold(result: CheckResult) -> Words | None:
    amount = _amount(result.threshold, result.unit)
    if amount is None:
        return None
    at_least = result.bound is Bound.AT_LEAST
    return text(T.CHECK_AT_LEAST if at_least else T.CHECK_AT_MOST, value=amount)
