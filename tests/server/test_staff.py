"""Staff accounts, the audit chain, two persons, and imports by an officer."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import msgspec
import pytest

from tests.server.rig import (
    PASSWORD,
    PLAN,
    ExamHome,
    Room,
    code_of,
    id_number,
    make_exam,
    pdf,
    photo,
    room,
    told,
)
from zhishiyun_protocol.messages.entering import LoginOpened, LoginState, LoginStatus
from zhishiyun_protocol.messages.sitting import ActKind
from zhishiyun_server.keep.audit import AuditRow, first_break
from zhishiyun_server.keep.database_place import open_database
from zhishiyun_server.keep.home import Home


def test_a_wrong_password_and_an_unknown_name_are_told_alike(here: Room) -> None:
    name = here.staff("officer").name

    wrong = here.client.post("/v1/staff/sessions", json={"name": name, "password": "x" * 9})
    unknown = here.client.post("/v1/staff/sessions", json={"name": "nobody", "password": PASSWORD})

    assert code_of(wrong) == (401, "STAFF_REFUSED")
    assert wrong.content == unknown.content


def test_the_session_cookie_is_not_for_scripts_or_foreign_pages(here: Room) -> None:
    name = here.staff("officer").name

    answer = here.client.post("/v1/staff/sessions", json={"name": name, "password": PASSWORD})

    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_logging_out_ends_the_session(here: Room) -> None:
    officer = here.staff("officer")

    ended = officer.call("DELETE", "/v1/staff/sessions", json={})

    assert ended.status_code == 204
    assert code_of(officer.call("GET", "/v1/staff/exams")) == (401, "STAFF_UNKNOWN")


def test_every_look_at_a_photo_is_in_the_chain(here: Room) -> None:  # R204
    candidate = here.candidate()
    candidate.enrol()
    opened = told(candidate.open_login(), LoginOpened, 201)
    candidate.ask_manual(opened)
    technician = here.staff("technician")
    for _ in range(2):
        technician.call("GET", f"/v1/staff/logins/{opened.login_id}/photos")

    chain = told(here.staff("auditor").call("GET", "/v1/staff/audit"), list[AuditRow])

    looks = [row for row in chain if row.what == "photos.seen"]
    assert [row.who for row in looks] == [technician.name] * 2
    assert first_break(chain) is None
    assert "考生0" not in msgspec.json.encode(chain).decode()


@pytest.mark.parametrize("change", ["who = 'somebody else'", "at_us = at_us + 1", "what = 'x'"])
def test_a_row_of_the_chain_that_was_changed_is_found(exam: ExamHome, change: str) -> None:
    with room(exam) as here:
        here.candidate().log_in()
    database = open_database(Home(exam.home))
    database.write_now(lambda c: c.exec_driver_sql(f"UPDATE audit SET {change} WHERE id = 3"))
    database.close()

    with room(exam) as here:
        chain = told(here.staff("auditor").call("GET", "/v1/staff/audit"), list[AuditRow])

    assert first_break(chain) == 2


def test_two_technicians_where_the_plan_asks_for_two(tmp_path: Path) -> None:  # R045
    plan = f"{PLAN}\n[login]\nmanual_needs_second_person = true\n"
    with room(make_exam(tmp_path, plan=plan, count=1)) as here:
        candidate = here.candidate()
        candidate.enrol()
        opened = told(candidate.open_login(), LoginOpened, 201)
        candidate.ask_manual(opened)
        path = f"/v1/staff/logins/{opened.login_id}/decision"
        word = {"admit": True, "reason": "same person"}
        first, second = here.staff("technician"), here.staff("technician")

        one = first.call("POST", path, json=word)
        same_again = first.call("POST", path, json=word)
        still = told(candidate.see_login(opened), LoginStatus)
        two = second.call("POST", path, json=word)

        assert one.json() == {"state": "manual_pending", "second_person": True}
        assert code_of(same_again) == (409, "SECOND_PERSON")
        assert still.state is LoginState.MANUAL_PENDING
        assert two.json()["state"] == "admitted"


def test_a_decision_needs_a_reason_and_is_made_once(here: Room) -> None:
    candidate = here.candidate()
    candidate.enrol()
    opened = told(candidate.open_login(), LoginOpened, 201)
    candidate.ask_manual(opened)
    technician = here.staff("technician")
    path = f"/v1/staff/logins/{opened.login_id}/decision"

    silent = technician.call("POST", path, json={"admit": True, "reason": " "})
    technician.call("POST", path, json={"admit": True, "reason": "ok"})
    twice = technician.call("POST", path, json={"admit": False, "reason": "changed my mind"})

    assert code_of(silent) == (400, "BAD_REQUEST")
    assert code_of(twice) == (409, "LOGIN_DECIDED")


def test_an_officer_imports_a_whole_exam_by_the_api(here: Room) -> None:  # R220–R222
    officer = here.staff("officer")
    wanted = {
        "plan": PLAN,
        "starts_at": "+86400",
        "exam_id": "by-api",
        "attachments": {"pledge.pdf": "JVBERi0xLjQKJSVFT0YK"},
    }
    exam = officer.call("POST", "/v1/staff/exams", json=wanted)
    roster = officer.call(
        "POST",
        "/v1/staff/exams/by-api/roster",
        content=_zip(f"姓名,身份证号,准考证号,照片\n甲,{id_number(7)},T-1,1.jpg\n"),
        headers={"Content-Type": "application/zip"},
    )
    paper = officer.call(
        "POST",
        "/v1/staff/exams/by-api/papers?name=p.pdf",
        content=pdf(),
        headers={"Content-Type": "application/pdf"},
    )

    assert (exam.status_code, roster.status_code, paper.status_code) == (201, 201, 201)
    assert roster.json()["candidates"] == 1
    lines = officer.call("GET", "/v1/staff/exams/by-api/candidates").json()
    assert [line["name"] for line in lines] == ["甲"]


def test_an_import_by_the_api_tells_the_same_faults(here: Room) -> None:
    officer = here.staff("officer")

    roster = officer.call(
        "POST",
        f"/v1/staff/exams/{here.exam.exam_id}/roster",
        content=_zip("姓名,身份证号,准考证号,照片\n甲,110101199001010000,T-1,none.jpg\n"),
        headers={"Content-Type": "application/zip"},
    )
    damaged = officer.call(
        "POST",
        f"/v1/staff/exams/{here.exam.exam_id}/roster",
        content=b"PK no zip",
        headers={"Content-Type": "application/zip"},
    )
    plan = officer.call("POST", "/v1/staff/exams", json={"plan": "x = ", "starts_at": "+5"})

    assert code_of(roster) == (422, "ROSTER_WRONG")
    assert "第 2 行" in roster.json()["zh"]
    assert code_of(damaged) == (422, "ROSTER_ARCHIVE_WRONG")
    assert code_of(plan) == (422, "PLAN_UNREADABLE")


def _zip(roster: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("roster.csv", roster)
        archive.writestr("1.jpg", photo())
    return packed.getvalue()


def test_staff_see_the_newest_decision_about_the_face(here: Room) -> None:  # R040
    candidate = here.candidate().log_in()
    officer = here.staff("officer")
    path = f"/v1/staff/exams/{here.exam.exam_id}/candidates"

    def told_face() -> set[str]:
        return {line["face"] for line in officer.call("GET", path).json()}

    assert told_face() == {""}
    candidate.act(ActKind.CONSENT, subject="face:given", version="a" * 64)
    candidate.act(ActKind.CONSENT, subject="face:withdrawn", version="a" * 64)

    assert told_face() == {"", "withdrawn"}


def test_whoever_has_not_brought_everything_in_time_is_on_the_list(here: Room) -> None:  # R224
    candidate = here.candidate().log_in().get_ready()
    here.clock.to(-600)
    candidate.enter()
    path = f"/v1/staff/exams/{here.exam.exam_id}/candidates"
    officer, seen = here.staff("officer"), []

    for after_t0_s in (600, 600 + 3600, 600 + 3601):
        here.clock.to(after_t0_s)
        seen.append([line["overdue"] for line in officer.call("GET", path).json()].count(True))

    assert seen == [0, 0, 1]
