"""Release codes: from T0 on, to those who may, and each look is an audit row (R123)."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.server.rig import Room, make_exam, pdf, room
from zhishiyun_protocol import paper
from zhishiyun_protocol.messages.releasing import ReleaseCodes

pytestmark = pytest.mark.both_databases

TARGET = "/v1/staff/exams/exam-1/release-codes"


@pytest.fixture
def hall(tmp_path: Path):
    with room(make_exam(tmp_path)) as opened:
        yield opened


def test_nobody_is_told_before_the_start(hall: Room) -> None:
    staff = hall.staff("technician")
    hall.clock.to(-0.001)

    refused = staff.call("GET", TARGET)

    assert (refused.status_code, refused.json()["code"]) == (425, "NOT_YET")
    assert "codes" not in refused.text


def test_the_code_that_is_told_opens_the_paper_that_was_fetched(hall: Room) -> None:
    candidate = hall.candidate().log_in()
    envelope = candidate.get("/v1/me/paper").content
    hall.clock.to(0)

    told = hall.staff("technician").call("GET", TARGET)
    codes = msgspec.json.decode(told.content, type=ReleaseCodes).codes

    key = paper.key_by_code(envelope, codes[0].code)
    assert paper.unseal(envelope, key)[1] == pdf("paper of exam-1")


@pytest.mark.parametrize("role", ["supervisor", "auditor", "operator"])
def test_others_are_not_told(hall: Room, role: str) -> None:
    staff = hall.staff(role)
    hall.clock.to(1)

    assert staff.call("GET", TARGET).status_code == 403


def test_who_looked_is_written_down(hall: Room) -> None:
    staff = hall.staff("officer")
    hall.clock.to(1)

    staff.call("GET", TARGET)

    rows = hall.staff("auditor").call("GET", "/v1/staff/audit").text
    assert "paper.codes_shown" in rows
    assert staff.name in rows
