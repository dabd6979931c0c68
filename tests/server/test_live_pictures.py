"""What a technician sees of the camera while a login waits: of now, for his eyes, never kept."""

from __future__ import annotations

import base64
from pathlib import Path

import httpx

from tests.server.rig import Candidate, ExamHome, Room, code_of, photo, room, told
from zhishiyun_protocol.messages.entering import (
    LoginOpened,
    LoginStatus,
    PictureTaken,
    ShownPicture,
)
from zhishiyun_protocol.messages.live import LiveLook
from zhishiyun_server.viewing import FRESH_S, LOOKING_S, Viewing


def waiting(here: Room) -> tuple[Candidate, LoginOpened]:
    candidate = here.candidate()
    candidate.enrol()
    opened = told(candidate.open_login(), LoginOpened, 201)
    candidate.ask_manual(opened)
    return candidate, opened


def show(candidate: Candidate, opened: LoginOpened, jpeg: bytes) -> httpx.Response:
    shown = ShownPicture(picture=base64.b64encode(jpeg).decode())
    return candidate.post(f"/v1/logins/{opened.login_id}/picture", shown, opened.login_secret)


def test_a_technician_sees_the_newest_picture(here: Room) -> None:
    candidate, opened = waiting(here)
    technician = here.staff("technician")
    path = f"/v1/staff/logins/{opened.login_id}/live"
    before = told(candidate.see_login(opened), LoginStatus)

    first = told(technician.call("GET", path), LiveLook)
    wanted = told(candidate.see_login(opened), LoginStatus)
    show(candidate, opened, photo(1))
    taken = told(show(candidate, opened, photo(2)), PictureTaken)
    seen = told(technician.call("GET", path), LiveLook)

    assert not before.picture_wanted
    assert first.picture == ""
    assert wanted.picture_wanted
    assert taken.wanted
    assert base64.b64decode(seen.picture.partition(",")[2]) == photo(2)


def test_where_nobody_looks_nothing_is_taken(here: Room) -> None:
    candidate, opened = waiting(here)

    taken = told(show(candidate, opened, photo(1)), PictureTaken)
    look = here.staff("technician").call("GET", f"/v1/staff/logins/{opened.login_id}/live")

    assert not taken.wanted
    assert told(look, LiveLook).picture == ""


def test_a_live_picture_is_written_nowhere(exam: ExamHome) -> None:
    with room(exam) as here:
        candidate, opened = waiting(here)
        here.staff("technician").call("GET", f"/v1/staff/logins/{opened.login_id}/live")
        assert told(show(candidate, opened, photo(77)), PictureTaken).wanted

    holding = [path for path in files(exam.home) if photo(77) in path.read_bytes()]

    assert holding == []


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_others_neither_show_nor_look(here: Room) -> None:
    candidate, opened = waiting(here)
    path = f"/v1/staff/logins/{opened.login_id}/live"
    shown = ShownPicture(picture=base64.b64encode(photo(1)).decode())

    foreign = candidate.post(f"/v1/logins/{opened.login_id}/picture", shown, "another secret")
    officer = here.staff("officer").call("GET", path)
    nonsense = show(candidate, opened, b"no picture")

    assert code_of(foreign) == (401, "LOGIN_UNKNOWN")
    assert officer.status_code == 403
    assert code_of(nonsense) == (422, "PHOTO_UNREADABLE")


def test_a_decided_login_is_not_looked_at_any_more(here: Room) -> None:
    candidate, opened = waiting(here)
    technician = here.staff("technician")
    technician.call("GET", f"/v1/staff/logins/{opened.login_id}/live")
    show(candidate, opened, photo(1))
    word = {"admit": False, "reason": "somebody else"}
    technician.call("POST", f"/v1/staff/logins/{opened.login_id}/decision", json=word)

    again = show(candidate, opened, photo(2))
    look = told(technician.call("GET", f"/v1/staff/logins/{opened.login_id}/live"), LiveLook)

    assert code_of(again) == (409, "LOGIN_DECIDED")
    assert look.picture == ""


def test_a_look_and_a_picture_are_forgotten_after_seconds() -> None:
    now_s = [100.0]
    viewing = Viewing(monotonic_s=lambda: now_s[0])
    viewing.look("lg-1")
    viewing.show("lg-1", b"picture")

    now_s[0] += LOOKING_S + 0.1
    assert not viewing.is_wanted("lg-1")
    now_s[0] += FRESH_S
    assert viewing.look("lg-1") is None
