"""From a ticket to a session: devices, windows, tries, technicians, one live session."""

from __future__ import annotations

import json

import pytest

from tests.server.rig import (
    MINUTE_US,
    T0_US,
    Candidate,
    Room,
    code_of,
    photo,
    told,
)
from zhishiyun_protocol.messages.entering import (
    Enrolled,
    LoginOpened,
    LoginState,
    LoginStatus,
    ManualReason,
    ManualRequest,
)
from zhishiyun_protocol.messages.live import NewsKind
from zhishiyun_protocol.signing import SigningKey, from_text, to_text

pytestmark = pytest.mark.both_databases


def test_the_first_device_is_bound_and_may_come_again(here: Room) -> None:
    candidate = here.candidate()

    first, again = candidate.enrol(), candidate.enrol()

    assert (first.status_code, again.status_code) == (201, 200)
    assert told(again, Enrolled).ticket_tail == candidate.ticket_number[-4:]


def test_a_second_device_is_refused_without_naming_the_owner(here: Room) -> None:  # R004, R007
    here.candidate().enrol()

    answer = here.candidate().enrol()

    assert code_of(answer) == (409, "DEVICE_BOUND")
    assert "考生0" not in answer.text
    assert here.candidate().ticket_number not in answer.text


def test_a_ticket_that_was_altered_is_refused(here: Room) -> None:
    candidate = here.candidate()
    kind, kid, payload, signature = candidate.ticket.split(".")
    claims = json.loads(from_text(payload)) | {"ticket_number": "another"}
    candidate.ticket = f"{kind}.{kid}.{to_text(json.dumps(claims).encode())}.{signature}"

    assert code_of(candidate.enrol()) == (403, "TICKET_FORGED")


def test_a_ticket_of_another_authority_is_refused(here: Room) -> None:
    candidate = here.candidate()
    kind, _, payload, signature = candidate.ticket.split(".")
    candidate.ticket = f"{kind}.{'0' * 16}.{payload}.{signature}"

    assert code_of(candidate.enrol()) == (403, "TICKET_UNKNOWN_ISSUER")


def test_a_device_must_prove_its_key(here: Room) -> None:
    candidate = here.candidate()
    right, candidate.device = candidate.device, SigningKey.generate()
    wrong_proof = candidate.device.sign("enrolment", candidate.ticket.encode())
    value = {
        "ticket": candidate.ticket,
        "device_key": to_text(right.public_bytes()),
        "proof": to_text(wrong_proof),
        "client_version": "0.1.0",
    }

    assert code_of(candidate.post("/v1/enrolments", value, "")) == (403, "PROOF_WRONG")


def test_an_older_client_is_refused(here: Room) -> None:  # R006
    assert code_of(here.candidate().enrol(version="0.0.9")) == (426, "CLIENT_TOO_OLD")


def test_the_login_says_when_it_opens(here: Room) -> None:  # R041
    candidate = here.candidate()
    candidate.enrol()
    here.clock.to(-1801)

    early = candidate.open_login()
    here.clock.to(-1800)
    in_time = candidate.open_login()

    assert code_of(early) == (403, "LOGIN_NOT_OPEN")
    assert early.json()["opens_us"] == T0_US - 30 * MINUTE_US
    assert in_time.status_code == 201


def test_the_login_closes_with_the_entry_for_whoever_never_entered(here: Room) -> None:
    candidate = here.candidate()
    candidate.enrol()
    here.clock.to(300.001)

    assert code_of(candidate.open_login()) == (403, "LOGIN_CLOSED")


def test_whoever_entered_may_log_in_after_the_exam_to_finish_the_upload(here: Room) -> None:  # R052
    here.clock.to(-320)
    candidate = here.candidate().log_in().get_ready()
    candidate.enter()
    here.clock.to(3 * 86400)

    answer = candidate.open_login(take_over=True)

    assert answer.status_code == 201


def test_a_login_needs_a_fresh_proof_of_the_enrolled_device(here: Room) -> None:
    candidate = here.candidate()
    stranger = here.candidate(1)
    candidate.enrol()

    stale = candidate.open_login(sent_us=here.clock.us - 6 * MINUTE_US)
    unknown = stranger.open_login()
    candidate.device = SigningKey.generate()
    forged = candidate.open_login()

    assert code_of(stale) == (403, "PROOF_STALE")
    assert code_of(unknown) == (403, "NOT_ENROLLED")
    assert code_of(forged) == (403, "PROOF_WRONG")


def test_the_reference_photo_comes_with_the_login(here: Room) -> None:
    candidate = here.candidate()
    candidate.enrol()

    opened = told(candidate.open_login(), LoginOpened, 201)

    assert opened.state is LoginState.FACE_WANTED
    assert opened.attempts_left == 3
    assert opened.reference_photo.startswith("/9j/")


def test_tries_are_counted_over_all_logins_and_leave_the_manual_way(here: Room) -> None:  # R043
    candidate = here.candidate()
    candidate.enrol()
    first = told(candidate.open_login(), LoginOpened, 201)
    left = [
        told(candidate.send_face(first, matched=False), LoginStatus).attempts_left for _ in range(2)
    ]
    second = told(candidate.open_login(), LoginOpened, 201)
    left.append(told(candidate.send_face(second, matched=False), LoginStatus).attempts_left)

    fourth = candidate.send_face(second, matched=True)
    manual = told(candidate.ask_manual(second), LoginStatus)

    assert left == [2, 1, 0]
    assert code_of(fourth) == (409, "FACE_ATTEMPTS_USED")
    assert manual.state is LoginState.MANUAL_PENDING


def test_a_technician_lets_somebody_in(here: Room) -> None:  # R045
    candidate = here.candidate()
    candidate.enrol()
    opened = told(candidate.open_login(), LoginOpened, 201)
    candidate.ask_manual(opened, photo(5))
    technician = here.staff("technician")

    waiting = technician.call("GET", "/v1/staff/logins").json()
    photos = technician.call("GET", f"/v1/staff/logins/{opened.login_id}/photos").json()
    technician.call(
        "POST",
        f"/v1/staff/logins/{opened.login_id}/decision",
        json={"admit": True, "reason": "same person"},
    )
    status = told(candidate.see_login(opened), LoginStatus)
    candidate.session = status.session

    assert [login["login_id"] for login in waiting] == [opened.login_id]
    assert photos["live"].startswith("data:image/jpeg;base64,")
    assert status.state is LoginState.ADMITTED
    assert candidate.sitting().verified_by == "manual"


def test_a_refused_login_tells_the_reason(here: Room) -> None:
    candidate = here.candidate()
    candidate.enrol()
    opened = told(candidate.open_login(), LoginOpened, 201)
    candidate.ask_manual(opened)
    here.staff("technician").call(
        "POST",
        f"/v1/staff/logins/{opened.login_id}/decision",
        json={"admit": False, "reason": "请摘下口罩后重试"},
    )

    status = told(candidate.see_login(opened), LoginStatus)

    assert status.state is LoginState.REFUSED
    assert status.reason == "请摘下口罩后重试"
    assert status.session == ""


def test_a_manual_request_needs_a_picture_that_can_be_read(here: Room) -> None:
    candidate = here.candidate()
    candidate.enrol()
    opened = told(candidate.open_login(), LoginOpened, 201)

    assert code_of(candidate.ask_manual(opened, b"no picture")) == (422, "PHOTO_UNREADABLE")


def test_a_second_login_is_refused_until_it_takes_over(here: Room) -> None:  # R046
    candidate = here.candidate().log_in()
    old = Candidate(
        here.client, candidate.ticket, candidate.now_us, candidate.device, candidate.session
    )

    refused = candidate.open_login()
    candidate.log_in(take_over=True)
    told_old = old.beat().news
    alarms = _line(here, candidate)["alarms"]

    assert code_of(refused) == (409, "SESSION_ELSEWHERE")
    assert code_of(old.get("/v1/me")) == (401, "TAKEN_OVER")
    assert [item.kind for item in told_old] == [NewsKind.TAKEN_OVER]
    assert candidate.sitting().attempt_id == candidate.attempt_id
    assert NewsKind.TAKEN_OVER not in [item.kind for item in candidate.beat().news]
    assert alarms == ["SESSION_TAKEN_OVER"]


def test_a_face_that_fails_does_not_end_the_other_session(here: Room) -> None:
    candidate = here.candidate().log_in()
    opened = told(candidate.open_login(take_over=True), LoginOpened, 201)

    candidate.send_face(opened, matched=False)

    assert candidate.sitting().attempt_id == candidate.attempt_id


def test_a_lost_answer_gives_a_fresh_session_but_only_until_it_is_used(here: Room) -> None:
    candidate = here.candidate()
    candidate.enrol()
    opened = told(candidate.open_login(), LoginOpened, 201)
    lost = told(candidate.send_face(opened), LoginStatus).session

    again = told(candidate.see_login(opened), LoginStatus)
    candidate.session = again.session
    used = candidate.sitting()
    after_use = told(candidate.see_login(opened), LoginStatus)

    assert again.session not in ("", lost)
    assert used.attempt_id == after_use.attempt_id == again.attempt_id
    assert after_use.session == ""
    assert here.client.get(
        "/v1/me", headers={"Authorization": f"Bearer {lost}"}
    ).status_code == 401  # fmt: skip


def test_refused_arrivals_are_written_down_too(here: Room) -> None:  # R103
    candidate = here.candidate()
    candidate.enrol()
    here.clock.to(-4000)
    candidate.open_login()

    assert _line(here, candidate)["refusals"] == 1


def _line(here: Room, candidate: Candidate) -> dict[str, object]:
    lines = (
        here.staff("technician")
        .call("GET", f"/v1/staff/exams/{here.exam.exam_id}/candidates")
        .json()
    )
    found: dict[str, object] = next(
        line for line in lines if line["ticket_number"] == candidate.ticket_number
    )
    return found


def test_a_candidate_without_a_camera_waits_for_a_person_too(here: Room) -> None:  # F02
    candidate = here.candidate()
    candidate.enrol()
    opened = told(candidate.open_login(), LoginOpened, 201)
    path = f"/v1/logins/{opened.login_id}/manual"
    technician = here.staff("technician")

    for_no_reason = candidate.post(path, ManualRequest(live_photo=""), opened.login_secret)
    wanted = ManualRequest(live_photo="", reason=ManualReason.NO_CAMERA.value)
    waiting = told(candidate.post(path, wanted, opened.login_secret), LoginStatus)
    (line,) = technician.call("GET", "/v1/staff/logins").json()
    photos = technician.call("GET", f"/v1/staff/logins/{opened.login_id}/photos").json()

    assert code_of(for_no_reason) == (422, "PHOTO_UNREADABLE")
    assert waiting.state is LoginState.MANUAL_PENDING
    assert line["reason"] == "no_camera"
    assert photos["live"] == ""
    assert photos["reference"].startswith("data:image/")


def test_what_the_device_found_is_kept_as_numbers_and_versions(here: Room) -> None:  # R043
    candidate = here.candidate()
    candidate.enrol()
    opened = told(candidate.open_login(), LoginOpened, 201)
    candidate.send_face(opened, matched=False)
    candidate.send_face(opened)

    chain = here.staff("auditor").call("GET", "/v1/staff/audit").json()

    found = [(row["what"], row["detail"]) for row in chain if row["what"].startswith("login.face")]
    assert found == [
        ("login.face.failed", "score 0.700 of 5, pack test"),
        ("login.face.matched", "score 0.700 of 5, pack test"),
    ]
