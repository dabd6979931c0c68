"""The results as JSON for machines, and as bilingual text for people (R027, R035)."""

from __future__ import annotations

from collections.abc import Sequence

from zhishiyun_client.i18n.language import Language
from zhishiyun_client.ports.checks import Bound, CheckResult, ChecksDone, Outcome, Unit
from zhishiyun_client.selftest.words import CheckWords

REPORT_FORMAT = 1
_MARKS = {
    Outcome.PASSED: "✓",
    Outcome.WEAK: "!",
    Outcome.FAILED: "✗",
    Outcome.SKIPPED: "-",
}
_SIGNS = {Bound.AT_LEAST: "≥", Bound.AT_MOST: "≤"}


def as_json(results: Sequence[CheckResult]) -> dict[str, object]:
    """Plain values, ready for `json.dumps`."""
    done = ChecksDone(tuple(results))
    return {
        "format": REPORT_FORMAT,
        "may_go_on": done.may_go_on,
        "checks": [_plain(result) for result in results],
    }


def as_text(results: Sequence[CheckResult], words: CheckWords, client_version: str = "") -> str:
    """A page for people: a line a check, what to do below it, Chinese first."""
    blocking = sum(result.blocks for result in results)
    summary = "report.not_ready" if blocking else "report.ready"
    params = (("count", str(blocking)),)
    lines = [
        f"{_both(words, 'report.title')} {client_version}".rstrip(),
        f"{_both(words, summary, params)}",
        "",
    ]
    for result in results:
        lines += _lines(result, words)
    return "\n".join(lines) + "\n"


def said_number(number: float | None, unit: Unit) -> str:
    """A measured number for people; "" where there is none."""
    if number is None:
        return ""
    if unit is Unit.SHARE:
        return f"{number * 100:.0f} %"
    if unit is Unit.COUNT:
        return f"{number:.0f}"
    return f"{number:.1f} {unit.value}".rstrip()


def _lines(result: CheckResult, words: CheckWords) -> list[str]:
    measured = said_number(result.measured, result.unit)
    wanted = ""
    if measured and result.threshold is not None:
        sign, threshold = _SIGNS[result.bound], said_number(result.threshold, result.unit)
        wanted = f" ({_both(words, 'report.threshold')} {sign} {threshold})"
    name = _both(words, result.id.name_key)
    outcome = _both(words, f"outcome.{result.outcome.value}")
    lines = [f"{_MARKS[result.outcome]} {name}: {outcome}  {measured}{wanted}".rstrip()]
    if result.advice:
        lines += [
            f"    {words.say(result.advice.value, language, result.params)}"
            for language in Language
        ]
    if result.noted:
        lines.append("    " + ", ".join(f"{name}={value}" for name, value in result.noted))
    return lines


def _both(words: CheckWords, key: str, params: tuple[tuple[str, str], ...] = ()) -> str:
    return " / ".join(words.say(key, language, params) for language in Language)


def _plain(result: CheckResult) -> dict[str, object]:
    return {
        "id": result.id.value,
        "outcome": result.outcome.value,
        "required": result.is_required,
        "measured": result.measured,
        "unit": result.unit.value,
        "threshold": result.threshold,
        "bound": result.bound.value,
        "advice": result.advice.value,
        "params": dict(result.params),
        "noted": [list(pair) for pair in result.noted],
        "took_s": result.took_s,
    }
