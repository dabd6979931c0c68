"""Checks run one after another, each in its time; the report says all of it in two languages."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest

from zhishiyun_client.i18n.language import Language
from zhishiyun_client.ports.checks import (
    Advice,
    CheckContext,
    CheckId,
    CheckResult,
    ChecksDone,
    CheckStarted,
    Needs,
    Outcome,
    Probes,
    Unit,
)
from zhishiyun_client.ports.watching import Says
from zhishiyun_client.selftest.order import all_checks, chosen, needs_of
from zhishiyun_client.selftest.report import as_json, as_text
from zhishiyun_client.selftest.runner import CheckRun
from zhishiyun_client.selftest.words import CheckWords
from zhishiyun_protocol.plan import read_plan

RESOURCES = Path(__file__).parents[3] / "resources"
FOLDERS = (RESOURCES / "texts",)


class Stand:
    """A check that does what the test says."""

    is_required = True

    def __init__(self, check: CheckId, limit_s: float = 5.0) -> None:
        self.id = check
        self.limit_s = limit_s
        self.release = threading.Event()

    def run(self, context: CheckContext) -> CheckResult:
        return CheckResult(self.id, Outcome.PASSED, measured=1.0)


class Hanging(Stand):
    """A driver that does not come back."""

    def run(self, context: CheckContext) -> CheckResult:
        self.release.wait(30)
        return CheckResult(self.id, Outcome.PASSED)


class Failing(Stand):
    """A check with a mistake in it."""

    def run(self, context: CheckContext) -> CheckResult:
        raise ZeroDivisionError


class Waiting(Stand):
    """A check that measures for long, and leaves when told."""

    def run(self, context: CheckContext) -> CheckResult:
        context.wait(30)
        return CheckResult(self.id, Outcome.PASSED)


@pytest.fixture
def context(tmp_path: Path) -> CheckContext:
    return CheckContext(
        Needs(),
        tmp_path,
        Probes(),
        lambda: time.monotonic_ns() // 1000,
        lambda: time.time_ns() // 1000,
        lambda seconds: False,
    )


class Reports:
    """What was reported, and whether the last word was said."""

    def __init__(self) -> None:
        self.said: list[object] = []
        self.done = threading.Event()

    def __call__(self, report: object) -> None:
        self.said.append(report)
        if isinstance(report, ChecksDone):
            self.done.set()


def test_each_check_is_reported_as_it_starts_and_as_it_is_done(context: CheckContext):
    reports = Reports()
    run = CheckRun([Stand(CheckId.DISK), Stand(CheckId.CAMERA)], context, reports)

    run.start()
    assert reports.done.wait(5)
    assert run.stop(2)

    kinds = [type(report) for report in reports.said]
    assert kinds == [CheckStarted, CheckResult, CheckStarted, CheckResult, ChecksDone]
    done = reports.said[-1]
    assert isinstance(done, ChecksDone)
    assert [found.id for found in done.results] == [CheckId.DISK, CheckId.CAMERA]
    assert done.may_go_on


def test_a_check_that_hangs_is_left_behind_and_the_next_one_runs(context: CheckContext):
    reports = Reports()
    hanging = Hanging(CheckId.CAMERA, limit_s=0.3)
    run = CheckRun([hanging, Stand(CheckId.DISK)], context, reports)

    run.start()
    assert reports.done.wait(5)
    hanging.release.set()
    assert run.stop(2)

    done = reports.said[-1]
    assert isinstance(done, ChecksDone)
    hung, passed = done.results
    assert (hung.outcome, hung.advice, hung.blocks) == (Outcome.FAILED, Advice.TOO_LONG, True)
    assert 0.3 <= hung.took_s < 2
    assert passed.outcome is Outcome.PASSED
    assert not done.may_go_on


def test_a_mistake_in_a_check_is_a_result_that_blocks_nobody(context: CheckContext):
    reports = Reports()
    run = CheckRun([Failing(CheckId.DISPLAYS)], context, reports)

    run.start()
    assert reports.done.wait(5)
    assert run.stop(2)

    (found,) = [report for report in reports.said if isinstance(report, CheckResult)]
    assert (found.outcome, found.advice) == (Outcome.WEAK, Advice.BROKEN)
    assert found.noted == (("error", "ZeroDivisionError"),)
    assert not found.blocks


def test_told_to_stop_it_leaves_in_the_middle_of_a_check(context: CheckContext):
    reports = Reports()
    run = CheckRun([Waiting(CheckId.CAMERA, limit_s=60)], context, reports)
    run.start()
    while not reports.said:
        time.sleep(0.01)

    assert run.stop(30)  # of the 60 it would go on for
    assert not reports.done.is_set()


def test_every_check_has_its_place_and_can_be_chosen_alone():
    assert tuple(check.id for check in all_checks()) == tuple(CheckId)
    assert [c.id for c in chosen((CheckId.DISK, CheckId.SYSTEM))] == [CheckId.SYSTEM, CheckId.DISK]


def test_all_checks_run_here_without_any_probe(context: CheckContext):
    reports = Reports()
    run = CheckRun(all_checks(), context, reports)

    run.start()
    assert reports.done.wait(60)
    assert run.stop(2)

    done = reports.said[-1]
    assert isinstance(done, ChecksDone)
    assert not [found for found in done.results if found.advice is Advice.BROKEN]
    measured = {found.id for found in done.results if found.measured is not None}
    assert {CheckId.MEMORY, CheckId.DISK, CheckId.DISK_SPEED, CheckId.PROCESSOR} <= measured


@pytest.mark.parametrize("name", ["a", "b", "c"])
def test_a_plan_says_how_long_will_be_recorded(name: str):
    plan = read_plan((RESOURCES / "plans" / f"{name}.toml").read_bytes())

    needs = needs_of(plan, "美术")

    assert needs.recording_s >= plan.entry.opens_before_s + plan.stages[0].duration_s
    assert needs.camera_fps == plan.recording.camera_fps


RESULTS = (
    CheckResult(CheckId.MEMORY, Outcome.PASSED, 3.21, Unit.GIB, 1.5),
    CheckResult(
        CheckId.DISPLAYS,
        Outcome.FAILED,
        2.0,
        Unit.COUNT,
        1.0,
        advice=Advice.DISPLAYS_MANY,
        params=(("count", "2"),),
        is_required=True,
    ),
)


def test_the_report_for_people_tells_numbers_and_what_to_do_in_two_languages():
    text = as_text(RESULTS, CheckWords(FOLDERS), "0.1.0")

    assert "✓ 内存 / Memory: 通过 / passed  3.2 GiB" in text
    assert "≥ 1.5 GiB" in text
    assert "✗ 显示器 / Displays: 未通过 / failed  2" in text
    assert "检测到 2 个显示器" in text
    assert "Displays found: 2" in text
    assert "1 项" in text


def test_the_report_for_machines_is_json():
    told = json.loads(json.dumps(as_json(RESULTS)))

    assert told["may_go_on"] is False
    assert told["checks"][1] == {
        "id": "displays",
        "outcome": "failed",
        "required": True,
        "measured": 2.0,
        "unit": "count",
        "threshold": 1.0,
        "bound": "at_least",
        "advice": "check.displays_many",
        "params": {"count": "2"},
        "noted": [],
        "took_s": 0.0,
    }


@pytest.mark.parametrize("language", list(Language))
def test_every_text_code_has_words(language: Language):
    codes = {check.name_key for check in CheckId}
    codes |= {advice.value for advice in Advice if advice}
    codes |= {f"outcome.{outcome.value}" for outcome in Outcome}
    codes |= {says.value for says in Says}

    assert codes - CheckWords(FOLDERS).keys(language) == set()
