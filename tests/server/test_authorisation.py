"""Who may call what: every route that is listed, with every wrong kind of caller."""

from __future__ import annotations

import re

import pytest

from tests.server.rig import Room, code_of
from zhishiyun_server.domain.doors import rescue_ends_us
from zhishiyun_server.domain.roles import Role
from zhishiyun_server.routes.catalogue import OPERATIONS
from zhishiyun_server.routes.operation import Auth, Operation

UNKNOWN = {
    Auth.SESSION: (401, "SESSION_UNKNOWN"),
    Auth.GRANT: (401, "SESSION_UNKNOWN"),
    Auth.LOGIN: (401, "LOGIN_UNKNOWN"),
    Auth.PHONE: (401, "PHONE_UNKNOWN"),
    Auth.STAFF: (401, "STAFF_UNKNOWN"),
}
GUARDED = [operation for operation in OPERATIONS if operation.auth is not Auth.NOBODY]
BODIES = {
    "/face": b'{"matched":true,"score":1,"frames":1,"pack":"x"}',
    "/manual": b'{"live_photo":"AAAA"}',
}
# Who may call each staff route; whoever is not named gets 403.
STAFF_ROUTES: dict[tuple[str, str], set[str]] = {
    ("DELETE", "/v1/staff/sessions"): {role.value for role in Role},
    ("GET", "/v1/staff/exams"): {role.value for role in Role},
    ("GET", "/v1/staff/exams/{exam_id}/candidates"): {"supervisor", "technician", "officer"},
    ("GET", "/v1/staff/exams/{exam_id}/draw"): {"auditor"},
    ("GET", "/v1/staff/exams/{exam_id}/release-codes"): {"technician", "officer"},
    ("GET", "/v1/staff/audit"): {"auditor"},
    ("GET", "/v1/staff/logins"): {"technician"},
    ("GET", "/v1/staff/logins/{login_id}/photos"): {"technician"},
    ("GET", "/v1/staff/logins/{login_id}/live"): {"technician"},
    ("POST", "/v1/staff/logins/{login_id}/decision"): {"technician"},
    ("GET", "/v1/staff/candidates/{attempt_id}/help"): {"supervisor", "technician"},
    ("POST", "/v1/staff/candidates/{attempt_id}/help"): {"supervisor", "technician"},
    ("POST", "/v1/staff/candidates/{attempt_id}/remind"): {"supervisor", "officer"},
    ("POST", "/v1/staff/candidates/{attempt_id}/allowances"): {"supervisor", "officer"},
    ("POST", "/v1/staff/candidates/{attempt_id}/reupload"): {"technician", "officer"},
    ("GET", "/v1/staff/candidates/{attempt_id}/phone"): {"supervisor", "technician", "officer"},
    ("GET", "/v1/staff/candidates/{attempt_id}/phone/picture"): {"supervisor"},
    ("POST", "/v1/staff/candidates/{attempt_id}/phone/wish"): {"supervisor", "officer"},
    ("POST", "/v1/staff/exams"): {"officer"},
    ("GET", "/v1/staff/data-requests"): {"officer"},
    ("POST", "/v1/staff/data-requests/{attempt_id}/{request_id}/answer"): {"officer"},
    ("POST", "/v1/staff/exams/{exam_id}/roster"): {"officer"},
    ("POST", "/v1/staff/exams/{exam_id}/papers"): {"officer"},
}


def name_of(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


def call(here: Room, operation: Operation, token: str | None, **names: str) -> tuple[int, str]:
    path = re.sub(
        r"\{(\w+)(?::\w+)?\}",
        lambda match: names.get(match[1], "0" if match[1] == "first_byte" else "none"),
        operation.path,
    )
    headers = {"Content-Type": "application/json"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    body = next((b for end, b in BODIES.items() if path.endswith(end)), b"{}")
    content = None if operation.method == "GET" else body
    answer = here.client.request(operation.method, path, headers=headers, content=content)
    told = answer.json() if answer.content else {}
    return answer.status_code, told.get("code", "") if isinstance(told, dict) else ""


@pytest.mark.parametrize("operation", GUARDED, ids=name_of)
def test_no_token_and_foreign_tokens_are_refused(here: Room, operation: Operation) -> None:
    candidate = here.candidate().log_in()
    staff = here.staff("technician").token
    foreign = [None, "", "nonsense", staff if operation.auth is not Auth.STAFF else None]
    if operation.auth not in (Auth.SESSION, Auth.GRANT):
        foreign.append(candidate.session)
    if operation.path.endswith("/manual"):
        foreign = [None]  # its picture is looked at first; the login decides all the same

    answers = {call(here, operation, token) for token in foreign}

    expected = {UNKNOWN[operation.auth]}
    if operation.path.endswith("/manual"):
        expected = {(422, "PHOTO_UNREADABLE")}
    assert answers == expected


@pytest.mark.parametrize(
    "operation", [o for o in GUARDED if o.auth in (Auth.SESSION, Auth.GRANT)], ids=name_of
)
def test_a_session_that_has_expired_is_refused(here: Room, operation: Operation) -> None:
    candidate = here.candidate().log_in()
    plan, starts_us = candidate.sitting().plan, candidate.sitting().starts_us
    here.clock.us = rescue_ends_us(plan, starts_us)

    assert call(here, operation, candidate.session) == (401, "SESSION_UNKNOWN")


def test_a_chunk_can_not_be_put_into_anothers_recording(here: Room) -> None:
    here.clock.to(-320)
    a, b = (here.candidate(n).log_in().get_ready() for n in range(2))
    a.enter()
    b.enter()
    a.attempt_id = b.attempt_id

    assert code_of(a.put(0, b"x")) == (404, "NOT_FOUND")


def test_a_login_secret_opens_only_its_own_login(here: Room) -> None:
    a, b = here.candidate(0), here.candidate(1)
    a.enrol()
    b.enrol()
    mine, other = (person.open_login().json() for person in (a, b))

    answer = here.client.get(
        f"/v1/logins/{other['login_id']}",
        headers={"Authorization": f"Bearer {mine['login_secret']}"},
    )

    assert code_of(answer) == (401, "LOGIN_UNKNOWN")


def test_the_table_of_staff_routes_is_complete() -> None:
    listed = {(o.method, o.path) for o in OPERATIONS if o.auth is Auth.STAFF}

    assert listed == set(STAFF_ROUTES)


@pytest.mark.parametrize("role", [role.value for role in Role])
def test_every_staff_route_knows_its_roles(here: Room, role: str) -> None:
    attempt_id = here.candidate().log_in().attempt_id
    names = {"exam_id": here.exam.exam_id, "attempt_id": attempt_id}
    operations = {(o.method, o.path): o for o in OPERATIONS}
    token = here.staff(role).token

    refused = {
        key
        for key in reversed(STAFF_ROUTES)  # logging out comes last
        if call(here, operations[key], token, **names) == (403, "ROLE_WRONG")
    }

    assert refused == {key for key, roles in STAFF_ROUTES.items() if role not in roles}


def test_names_are_for_technician_and_officer(here: Room) -> None:  # R204
    path = f"/v1/staff/exams/{here.exam.exam_id}/candidates"

    named = {
        role: "考生0" in here.staff(role).call("GET", path).text
        for role in ("supervisor", "technician", "officer")
    }

    assert named == {"supervisor": False, "technician": True, "officer": True}


def test_the_cookie_alone_changes_nothing_by_a_foreign_form(here: Room) -> None:
    officer = here.staff("officer")
    attempt_id = here.candidate().log_in().attempt_id
    path = f"/v1/staff/candidates/{attempt_id}/remind"
    cookie = {"Cookie": f"zsy_staff={officer.token}"}

    form = here.client.post(
        path, content=b'{"text":"x"}', headers={**cookie, "Content-Type": "text/plain"}
    )
    script = here.client.post(path, json={"text": "x"}, headers=cookie)

    assert code_of(form) == (401, "STAFF_UNKNOWN")
    assert script.status_code == 204
