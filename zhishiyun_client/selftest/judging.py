"""From a number and two thresholds to a result. Pure."""

from __future__ import annotations

from zhishiyun_client.ports.checks import (
    Advice,
    Bound,
    CheckId,
    CheckResult,
    Outcome,
    Params,
    Unit,
)


def at_least(measured: float, good: float, usable: float) -> Outcome:
    """PASSED from `good` on, WEAK from `usable` on, else FAILED."""
    if measured >= good:
        return Outcome.PASSED
    return Outcome.WEAK if measured >= usable else Outcome.FAILED


def at_most(measured: float, good: float, usable: float) -> Outcome:
    """PASSED up to `good`, WEAK up to `usable`, else FAILED."""
    if measured <= good:
        return Outcome.PASSED
    return Outcome.WEAK if measured <= usable else Outcome.FAILED


def result(
    check: CheckId,
    outcome: Outcome,
    measured: float | None,
    unit: Unit,
    threshold: float | None,
    *,
    bound: Bound = Bound.AT_LEAST,
    advice: Advice = Advice.NONE,
    params: Params = (),
    noted: Params = (),
    is_required: bool = False,
) -> CheckResult:
    """A result whose advice is left out where nothing is to be done."""
    told = outcome is not Outcome.PASSED
    return CheckResult(
        id=check,
        outcome=outcome,
        measured=None if measured is None else round(measured, 3),
        unit=unit,
        threshold=threshold,
        bound=bound,
        advice=advice if told else Advice.NONE,
        params=params if told else (),
        noted=noted,
        is_required=is_required,
    )


def skipped(check: CheckId, advice: Advice = Advice.NO_PROBE) -> CheckResult:
    """There was nothing to measure it with; never a failure."""
    return CheckResult(id=check, outcome=Outcome.SKIPPED, advice=advice)


def failed(
    check: CheckId, advice: Advice, params: Params = (), *, is_required: bool = False
) -> CheckResult:
    """Failed without a number."""
    return CheckResult(
        id=check, outcome=Outcome.FAILED, advice=advice, params=params, is_required=is_required
    )
