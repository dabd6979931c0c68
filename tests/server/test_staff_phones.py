"""What staff see of a phone and may ask of it, by the calls and in a real browser (R065, R202)."""

from __future__ import annotations

import base64
from pathlib import Path

import httpx
import msgspec
import pytest

from tests.helpers.browsing import Browser
from tests.helpers.waits import wait_until
from tests.server.phone_rig import Phone, bound_phone, film
from tests.server.rig import (
    PASSWORD,
    Candidate,
    Room,
    code_of,
    make_exam,
    photo,
    serving,
    told,
    wall_us,
)
from zhishiyun_protocol.messages.live import LiveLook
from zhishiyun_protocol.messages.phone import PhoneWish
from zhishiyun_server.keep.audit import AuditRow
from zhishiyun_server.routes.staff_phones import StaffPhone

SUPERVISOR = "supervisor-1"


@pytest.fixture
def candidate(here: Room) -> Candidate:
    return here.candidate().log_in()


@pytest.fixture
def phone(here: Room, candidate: Candidate) -> Phone:
    return bound_phone(here, candidate)


def path_of(candidate: Candidate, more: str = "") -> str:
    return f"/v1/staff/candidates/{candidate.attempt_id}/phone{more}"


def test_parts_and_interruptions_are_told_with_their_class(
    here: Room, candidate: Candidate, phone: Phone
) -> None:  # R243
    scribe, pieces = film(phone, here.clock.us)
    phone.send_all(pieces)
    phone.say(phase="uploading", log_bytes=scribe.length, interruptions=1, last_cause="call")
    supervisor = here.staff("supervisor")
    before = told(supervisor.call("GET", path_of(candidate)), StaffPhone)
    phone.seal(scribe.seal())

    after = told(supervisor.call("GET", path_of(candidate)), StaffPhone)

    (part,) = before.parts
    assert (part.held_bytes, part.sealed) == (scribe.length, False)
    assert [(gap.cause, gap.kind) for gap in part.gaps] == [("call", "phone_call")]
    assert part.coverage[0].covered == 5
    assert (before.state.parts_missing, after.state.complete) == (1, True)
    assert after.parts[0].complete


def test_every_first_look_at_the_picture_is_an_audit_row(
    here: Room, candidate: Candidate, phone: Phone
) -> None:
    supervisor = here.staff("supervisor")
    first = told(supervisor.call("GET", path_of(candidate, "/picture")), LiveLook)
    phone.show(photo())
    second = told(supervisor.call("GET", path_of(candidate, "/picture")), LiveLook)

    rows = told(here.staff("auditor").call("GET", "/v1/staff/audit"), list[AuditRow])
    seen = [row for row in rows if row.what == "phone.seen"]
    assert (first.picture, bool(second.picture)) == ("", True)
    assert [(row.who, row.subject) for row in seen] == [(supervisor.name, candidate.attempt_id)]


def test_what_is_asked_of_a_phone_stands_until_it_is_done(
    here: Room, candidate: Candidate, phone: Phone
) -> None:  # R202
    supervisor = here.staff("supervisor")
    asked = supervisor.call("POST", path_of(candidate, "/wish"), json={"wish": "aim"})
    stands = [phone.say(phase="recording").wanted for _ in range(2)]
    doing = phone.say(phase="placing").wanted
    done = phone.say(phase="recording").wanted

    assert asked.status_code == 204
    assert stands == [(PhoneWish.AIM,)] * 2
    assert (doing, done) == ((), ())


def test_only_a_phone_that_is_there_can_be_asked_for_what_there_is(
    here: Room, candidate: Candidate
) -> None:
    supervisor = here.staff("supervisor")
    nobody = supervisor.call("POST", path_of(candidate, "/wish"), json={"wish": "sweep"})
    bound_phone(here, candidate)
    strange = supervisor.call("POST", path_of(candidate, "/wish"), json={"wish": "picture"})

    assert code_of(nobody) == (404, "NOT_FOUND")
    assert code_of(strange) == (400, "BAD_REQUEST")


def test_a_supervisor_sees_where_the_phone_points_and_asks_to_turn_it(tmp_path: Path) -> None:
    exam = make_exam(tmp_path, starts_at="+600", count=1)
    secret = tmp_path / "password"
    secret.write_text(PASSWORD)
    exam.run("staff", "add", SUPERVISOR, "--role", "supervisor", "--password-file", str(secret))
    with (
        serving(exam) as server,
        Browser(f"{server.url}/desk/") as page,
        httpx.Client(base_url=server.url, trust_env=False) as http,
    ):
        candidate = Candidate(http, exam.tickets(server.url)[0], wall_us).log_in()
        phone = Phone(http).bind(candidate)
        phone.say(phase="placing", battery_share=0.15, troubles=("battery_low",))
        page.type("#name", SUPERVISOR)
        page.type("#password", PASSWORD)
        page.click("#login-form button", "登录")
        page.until("#rows", "固定机位")
        row = page.text("#rows")
        page.click("#rows button", "固定机位")
        wait_until(lambda: PhoneWish.PICTURE in phone.say(phase="placing").wanted, 20)
        jpeg = photo(6)
        phone.show(jpeg)
        tail = base64.b64encode(jpeg).decode()[-40:]
        ends = f"document.querySelector('#phone-picture').src.endsWith({tail!r})"
        wait_until(lambda: page.run(ends), 15, "the phone's picture")
        page.click("#phone-wishes button", "请调整机位")
        wait_until(lambda: PhoneWish.AIM in phone.say(phase="recording").wanted, 15)

        assert "15%" in row
        assert "手机电量不足" in row
        assert "Pixel" in page.text("#phone-facts")


def test_a_line_says_that_the_phone_is_not_there(here: Room, candidate: Candidate) -> None:
    shape = here.staff("officer").call("GET", path_of(candidate))

    assert told(shape, StaffPhone).parts == ()
    assert msgspec.json.decode(shape.content)["state"]["bound"] is False
