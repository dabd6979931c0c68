"""Displays, programs, face pack and key store as the self-test tells them (R033–R036, R172)."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from zhishiyun_client.ports.checks import Advice, CheckContext, Needs, Outcome, PackSeen, Probes
from zhishiyun_client.ports.watching import Cause, Facts, Finding, Says, Severity, facts
from zhishiyun_client.selftest.surroundings import (
    DisplaysCheck,
    FacePackCheck,
    KeyStoreCheck,
    ProgramsCheck,
)


class Looked:
    """What one look finds."""

    def __init__(self, *found: Finding) -> None:
        self.found = found

    def look(self, now_us: int) -> tuple[Finding, ...]:
        return self.found


class Store:
    """A key store of a kind."""

    def __init__(self, kind: str) -> None:
        self.kind = kind


def finding(rule: str, severity: Severity, known: Facts = ()) -> Finding:
    return Finding(
        rule, rule, Cause.UNKNOWN, severity, Says.PROGRAM_WARN, "rules-1", 0, None, known
    )


def context(tmp_path: Path, *, uses_face: bool = True, **probes: object) -> CheckContext:
    return CheckContext(
        Needs(uses_face=uses_face),
        tmp_path,
        Probes(**probes),
        time.monotonic_ns,
        time.time_ns,
        lambda seconds: False,
    )


EXTRA = finding("display.extra", Severity.BLOCKS_ENTRY, facts(displays=2, outputs="a,b"))
WECHAT = finding("process.chat", Severity.BLOCKS_ENTRY, facts(zh="微信"))
CHROME = finding("process.browser", Severity.WARNING, facts(zh="Chrome"))
HYPER_V = finding("process.vm_tool", Severity.NOTICE, facts(zh="Hyper-V"))


def test_one_display_passes_whatever_programs_run(tmp_path: Path):
    found = DisplaysCheck().run(context(tmp_path, findings=Looked(WECHAT)))

    assert (found.outcome, found.measured) == (Outcome.PASSED, 1.0)


def test_two_displays_fail_with_their_number(tmp_path: Path):
    found = DisplaysCheck().run(context(tmp_path, findings=Looked(EXTRA)))

    assert (found.outcome, found.measured, found.threshold) == (Outcome.FAILED, 2.0, 1.0)
    assert (found.advice, found.params) == (Advice.DISPLAYS_MANY, (("count", "2"),))
    assert found.blocks


def test_displays_that_cannot_be_seen_are_skipped(tmp_path: Path):
    unseen = finding("display.unseen", Severity.NOTICE, facts(reason="NO_X11"))

    found = DisplaysCheck().run(context(tmp_path, findings=Looked(unseen)))

    assert (found.outcome, found.advice) == (Outcome.SKIPPED, Advice.DISPLAYS_UNSEEN)


@pytest.mark.parametrize(
    ("running", "outcome", "count", "names", "blocks"),
    [
        ((), Outcome.PASSED, 0.0, "", False),
        ((HYPER_V, EXTRA), Outcome.PASSED, 0.0, "", False),
        ((CHROME, HYPER_V), Outcome.WEAK, 1.0, "Chrome", False),
        ((WECHAT, CHROME), Outcome.FAILED, 2.0, "微信", True),
    ],
)
def test_programs_are_told_by_name_and_only_some_block(
    tmp_path: Path,
    running: tuple[Finding, ...],
    outcome: Outcome,
    count: float,
    names: str,
    blocks: bool,
):
    found = ProgramsCheck().run(context(tmp_path, findings=Looked(*running)))

    assert (found.outcome, found.measured, found.blocks) == (outcome, count, blocks)
    assert dict(found.params).get("names", "") == names


@pytest.mark.parametrize(
    ("fault", "outcome", "advice"),
    [
        ("", Outcome.PASSED, Advice.NONE),
        ("FACE_PACK_TAMPERED", Outcome.FAILED, Advice.FACE_PACK_MISSING),
        ("FACE_PACK_LICENCE", Outcome.FAILED, Advice.FACE_PACK_LICENCE),
    ],
)
def test_the_face_pack_is_named_and_its_fault_told_but_the_manual_way_stays(
    tmp_path: Path, fault: str, outcome: Outcome, advice: Advice
):
    seen = PackSeen("opencv-zoo/1.0.0/0123456789ab", "MIT", fault)

    found = FacePackCheck().run(context(tmp_path, face_pack=lambda: seen))

    assert (found.outcome, found.blocks, found.advice) == (outcome, False, advice)
    assert dict(found.noted)["pack"] == "opencv-zoo/1.0.0/0123456789ab"
    assert dict(found.noted).get("failure", "") == fault


def test_a_plan_without_faces_needs_no_face_pack(tmp_path: Path):
    asked = context(
        tmp_path, uses_face=False, face_pack=lambda: PackSeen("x", fault="FACE_PACK_TAMPERED")
    )

    assert FacePackCheck().run(asked).outcome is Outcome.SKIPPED


@pytest.mark.parametrize(("kind", "outcome"), [("keyring", Outcome.PASSED), ("file", Outcome.WEAK)])
def test_keys_in_a_file_are_told(tmp_path: Path, kind: str, outcome: Outcome):
    found = KeyStoreCheck().run(context(tmp_path, secrets=Store(kind)))

    assert (found.outcome, dict(found.noted)["kind"]) == (outcome, kind)
