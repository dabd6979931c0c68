"""Staff are told what the candidate is told, never the name of a program nobody listed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.client.flow.driver import Drive
from tests.helpers.paper_room import PaperRoom
from zhishiyun_client.domain.phases import Phase
from zhishiyun_client.flow.telling_staff import told_to_staff
from zhishiyun_client.ports.recorder import Standing, StandingFinding
from zhishiyun_client.ports.watching import Cause, Finding, Says, Severity, facts

CHAT = Finding(
    rule="process.chat",
    subject="wechat",
    cause=Cause.OTHER_PROGRAM,
    severity=Severity.BLOCKS_ENTRY,
    explanation=Says.PROGRAM_MUST_CLOSE,
    rules_version="r",
    started_us=7,
    facts=facts(zh="微信", program="WeChat.exe", processes=3),
)
FRONT = Finding(
    rule="focus.lost",
    subject="diary of a candidate.exe",
    cause=Cause.OTHER_PROGRAM,
    severity=Severity.WARNING,
    explanation=Says.FOCUS_OTHER_PROGRAM,
    rules_version="r",
    started_us=5,
    facts=facts(program="diary of a candidate.exe"),
)


def test_a_listed_program_is_told_with_its_name_on_the_list():
    (told,) = told_to_staff((CHAT,))

    assert told == StandingFinding(
        rule="process.chat", subject="wechat", name="微信", started_us=7, blocks=True
    )


def test_a_program_that_nobody_listed_is_not_named():
    told = told_to_staff((CHAT, FRONT, replace(FRONT, subject="another.exe", started_us=9)))

    assert [(each.rule, each.subject, each.blocks) for each in told] == [
        ("focus.lost", "", False),
        ("process.chat", "wechat", True),
    ]


def test_what_is_only_kept_is_told_to_nobody():
    assert told_to_staff((replace(CHAT, severity=Severity.NOTICE),)) == ()


def test_it_is_told_once_when_it_begins_and_once_when_it_is_over(
    tmp_path: Path, drive: Drive
) -> None:
    paper = PaperRoom(tmp_path, "a", at_s=-800)
    way = drive(paper, Phase.ENTRY)
    for found in ((), (CHAT,), (CHAT,), ()):
        paper.guard.found = found
        way.beat()

    assert [len(said.findings) for said in paper.recorder.all(Standing)] == [1, 0]
