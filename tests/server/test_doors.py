"""Who may pass which door at which second: the three notices as one table (R046, R103, R104, R148).

The instant is that of the arrival at the server. Every refusal has its code, and every code its
sentence in both languages (`problems.py`).
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from zhishiyun_protocol.plan import ExamPlan, read_plan
from zhishiyun_protocol.timing import SECOND_US, StageEvents
from zhishiyun_server.domain.doors import entry_door, login_door
from zhishiyun_server.domain.facts import Facts
from zhishiyun_server.problems import PROBLEMS

PLANS = Path(__file__).resolve().parents[2] / "resources" / "plans"
T0_US = 1_800_000_000 * SECOND_US
OPEN = ""


def plan(name: str) -> ExamPlan:
    return read_plan((PLANS / f"{name}.toml").read_bytes(), name)


def at(second: float) -> int:
    return T0_US + round(second * SECOND_US)


def facts(name: str, *, entered: bool, ended_s: float | None = None, reentry: bool = True) -> Facts:
    """A candidate who has done all that stands before the entry."""
    chosen = plan(name)
    if not reentry:
        entry = msgspec.structs.replace(chosen.entry, reentry_allowed=False)
        chosen = msgspec.structs.replace(chosen, entry=entry)
    subjects = [subject for stage in chosen.stages for subject in stage.subjects]
    return Facts(
        plan=chosen,
        plan_sha256="",
        exam_id="e",
        starts_us=T0_US,
        formal=True,
        attempt_id="at",
        ticket_id="t",
        ticket_number="1",
        name="",
        subject=subjects[0] if subjects else "",
        extra_share=0.0,
        device_key="",
        verified_by="face",
        entered_us=at(-600) if entered else None,
        flow_read=True,
        attachments=(),
        draw_commitment="",
        draw_number=1,
        draw_assigned=False,
        phone_bound=True,
        phone_films=True,
        events=StageEvents({}, {}),
        exam_ended_us=None if ended_s is None else at(ended_s),
        paper_ready=True,
        sealed=False,
        news_cursor=0,
    )


@pytest.mark.parametrize(
    ("name", "entered", "second", "code"),
    [
        ("a", False, -1800.001, "LOGIN_NOT_OPEN"),
        ("b", False, -1800.001, "LOGIN_NOT_OPEN"),
        ("c", False, -3000.001, "LOGIN_NOT_OPEN"),
        ("a", False, -1800, OPEN),
        ("a", False, 0, OPEN),
        ("a", False, 0.001, "LOGIN_CLOSED"),  # A: no login after T0 …
        ("a", True, 0.001, OPEN),  # … but coming back is not logging in anew (Q3)
        ("a", True, 86_400, OPEN),  # and the upload may be finished afterwards (R189)
        ("b", False, 300, OPEN),
        ("b", False, 300.001, "LOGIN_CLOSED"),
        ("b", True, 3000, OPEN),
        ("c", False, 300, OPEN),
        ("c", False, 300.001, "LOGIN_CLOSED"),
        ("c", True, 599, OPEN),
    ],
)
def test_the_login_is_open_to(name: str, entered: bool, second: float, code: str) -> None:
    door = login_door(plan(name), T0_US, at(second), entered=entered)

    assert (door.code, door.open) == (code, code == OPEN)


@pytest.mark.parametrize(
    ("name", "entered", "second", "code"),
    [
        ("a", False, -900.001, "NOT_YET"),
        ("a", False, -900, OPEN),
        ("a", False, 0, OPEN),
        ("a", False, 0.001, "CLOSED"),  # late at A: T0 (R103)
        ("a", True, 0.001, OPEN),  # back after a crash, though new entry is closed (R104)
        ("a", True, 599.9, OPEN),
        ("a", True, 600, "DONE"),  # inside exam time only, no extension (R148)
        ("b", False, 300, OPEN),  # late at B: five minutes
        ("b", False, 300.001, "CLOSED"),
        ("b", True, 300.001, OPEN),
        ("c", False, 300.001, "CLOSED"),
        ("c", True, 599.9, OPEN),
        ("c", True, 600, "DONE"),
    ],
)
def test_the_entry_is_open_to(name: str, entered: bool, second: float, code: str) -> None:
    door = entry_door(facts(name, entered=entered), at(second))

    assert (door.code, door.open) == (code, code == OPEN)


@pytest.mark.parametrize("name", ["a", "b", "c"])
def test_who_has_ended_does_not_come_back(name: str) -> None:
    assert entry_door(facts(name, entered=True, ended_s=10), at(11)).code == "DONE"


@pytest.mark.parametrize("name", ["a", "b", "c"])
def test_where_the_plan_forbids_it_nobody_comes_back_late(name: str) -> None:
    forbidding = facts(name, entered=True, reentry=False)
    closes_s = forbidding.plan.entry.late_cutoff_s

    assert entry_door(forbidding, at(closes_s)).open
    assert entry_door(forbidding, at(closes_s + 0.001)).code == "CLOSED"


def test_every_code_of_a_door_tells_the_candidate_why() -> None:
    codes = {"NOT_YET", "CLOSED", "DONE", "LOGIN_NOT_OPEN", "LOGIN_CLOSED", "SESSION_ELSEWHERE"}

    assert codes <= set(PROBLEMS)
    assert all(zh.endswith("。") for _, _, zh in (PROBLEMS[code] for code in codes))
