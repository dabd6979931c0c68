"""What the guard sees reaches the staff, and what they let pass is written down (R173, R178)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from websockets.sync.client import connect

from tests.helpers.waits import wait_until
from tests.server.rig import (
    MINUTE_US,
    PASSWORD,
    T0_US,
    Candidate,
    Room,
    Staff,
    make_exam,
    serving,
    wall_us,
)
from zhishiyun_protocol.messages.live import Heartbeat, OpenFinding

CHAT = OpenFinding(
    rule="process.chat", subject="wechat", name="微信", since_us=T0_US - MINUTE_US, blocks=True
)
SCREEN = OpenFinding(rule="display.extra", subject="HDMI-1,eDP-1", blocks=True)


@pytest.fixture
def seen(here: Room) -> Candidate:
    candidate = here.candidate().log_in()
    candidate.beat(findings=(CHAT, SCREEN))
    return candidate


def findings(here: Room, role: str = "supervisor") -> list[dict[str, Any]]:
    lines = here.staff(role).call("GET", f"/v1/staff/exams/{here.exam.exam_id}/candidates").json()
    return [finding for line in lines for finding in line["findings"]]


def allow(here: Room, candidate: Candidate, role: str = "supervisor", **asked: str) -> int:
    path = f"/v1/staff/candidates/{candidate.attempt_id}/allowances"
    return here.staff(role).call("POST", path, json=asked).status_code


def test_staff_see_what_stands_since_when_and_whether_it_blocks(
    here: Room, seen: Candidate
) -> None:
    chat, screen = findings(here)

    assert chat == {
        "rule": "process.chat",
        "subject": "wechat",
        "name": "微信",
        "since_us": T0_US - MINUTE_US,
        "blocks": True,
        "allowed": False,
    }
    assert screen["subject"] == "HDMI-1,eDP-1"
    assert findings(here, "technician") == [chat, screen]


def test_what_is_over_is_gone_with_the_next_heartbeat(here: Room, seen: Candidate) -> None:
    seen.beat(findings=(SCREEN,))
    assert [each["rule"] for each in findings(here)] == ["display.extra"]

    seen.beat()

    assert findings(here) == []


def test_only_what_was_let_pass_is_marked_and_it_needs_a_reason(
    here: Room, seen: Candidate
) -> None:
    chat = {"rule": "process.chat", "subject": "wechat"}

    without = [allow(here, seen, **chat, reason=" "), allow(here, seen, **chat)]
    done = allow(here, seen, **chat, reason="面试单位要求开启")

    assert without == [400, 400]
    assert done == 204
    assert [each["allowed"] for each in findings(here)] == [True, False]


def test_the_reason_is_in_the_audit_with_who_decided(here: Room, seen: Candidate) -> None:
    allow(here, seen, rule="process.chat", subject="wechat", reason="面试单位要求开启")

    rows = here.staff("auditor").call("GET", "/v1/staff/audit").json()

    row = next(row for row in rows if row["what"] == "finding.allowed")
    assert row["subject"] == seen.attempt_id
    assert row["detail"] == "process.chat wechat: 面试单位要求开启"
    assert (row["role"], row["who"][:10]) == ("supervisor", "supervisor")


def test_rubbish_from_a_client_reaches_nobody(here: Room) -> None:
    candidate = here.candidate().log_in()
    odd = (OpenFinding(rule="<b>"), OpenFinding(rule="process.chat", subject="x" * 9000))

    candidate.beat(findings=odd + (CHAT,) * 100)

    told = findings(here)
    assert len(told) <= 20
    assert {each["rule"] for each in told} == {"process.chat"}
    assert max(len(each["subject"]) for each in told) == 200


def test_the_live_channel_tells_the_same(tmp_path: Path) -> None:
    exam = make_exam(tmp_path, starts_at="+800", count=1)
    secret = tmp_path / "password"
    secret.write_text(PASSWORD)
    exam.run("staff", "add", "s-1", "--role", "supervisor", "--password-file", str(secret))
    said = Heartbeat(sent_us=1, findings=(OpenFinding(rule="process.chat", blocks=True),))
    with serving(exam) as server, httpx.Client(base_url=server.url) as http:
        candidate = Candidate(http, exam.tickets(server.url)[0], wall_us).log_in()
        supervisor = Staff(http, "s-1")
        address = server.url.replace("http", "ws") + "/v1/live"
        with connect(address, additional_headers=candidate.bearer, proxy=None) as line:
            line.send(msgspec.json.encode(said).decode())
            line.recv(20)
            path = f"/v1/staff/exams/{exam.exam_id}/candidates"
            wait_until(lambda: supervisor.call("GET", path).json()[0]["findings"], 20)
            (seen,) = supervisor.call("GET", path).json()[0]["findings"]

    assert (seen["rule"], seen["blocks"]) == ("process.chat", True)
