"""The staff's page in a real browser, before a real server: what people see and press there."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.helpers.browsing import Browser
from tests.helpers.waits import wait_until
from tests.server.rig import (
    PASSWORD,
    Candidate,
    ExamHome,
    Process,
    make_exam,
    photo,
    serving,
    told,
    wall_us,
)
from zhishiyun_protocol.messages.entering import (
    LoginOpened,
    LoginState,
    LoginStatus,
    ShownPicture,
)

TECHNICIAN = "technician-1"


@pytest.fixture
def exam(tmp_path: Path) -> ExamHome:
    made = make_exam(tmp_path, starts_at="+600", count=1)
    secret = tmp_path / "password"
    secret.write_text(PASSWORD)
    made.run("staff", "add", TECHNICIAN, "--role", "technician", "--password-file", str(secret))
    return made


@pytest.fixture
def server(exam: ExamHome) -> Iterator[Process]:
    with serving(exam) as running:
        yield running


@pytest.fixture
def page(server: Process) -> Iterator[Browser]:
    with Browser(f"{server.url}/desk/") as opened:
        yield opened


@pytest.fixture
def candidate(exam: ExamHome, server: Process) -> Iterator[Candidate]:
    with httpx.Client(base_url=server.url, trust_env=False) as http:
        yield Candidate(http, exam.tickets(server.url)[0], wall_us)


def log_in(page: Browser, password: str) -> None:
    page.type("#name", TECHNICIAN)
    page.type("#password", password)
    page.click("#login-form button", "登录")


def test_a_technician_sees_the_camera_and_lets_the_candidate_in(  # R045, R212
    page: Browser, candidate: Candidate
) -> None:
    candidate.enrol()
    opened = told(candidate.open_login(), LoginOpened, 201)
    candidate.ask_manual(opened, photo(5))
    log_in(page, PASSWORD)

    page.until("#waiting-list", "查看照片")
    page.click("#waiting-list button", "查看照片")
    wait_until(lambda: page.run("document.querySelector('#live').naturalWidth"), 15, "a picture")
    assert page.run("document.querySelector('#reference').naturalWidth") > 0
    wait_until(lambda: told(candidate.see_login(opened), LoginStatus).picture_wanted, 20)
    shown = ShownPicture(picture=base64.b64encode(photo(6)).decode())
    candidate.post(f"/v1/logins/{opened.login_id}/picture", shown, opened.login_secret)
    ends = f"document.querySelector('#live').src.endsWith({shown.picture[-40:]!r})"
    wait_until(lambda: page.run(ends), 15, "the live picture")
    assert re.search(r"实时画面（\d+ 秒前，不保存）", page.text("#live-caption"))

    page.type("#reason", "与照片一致")
    page.click("#decision button", "是本人，允许登录")
    wait_until(lambda: told(candidate.see_login(opened), LoginStatus).state is LoginState.ADMITTED)
    wait_until(lambda: not page.run("document.querySelector('#faces').open"), 15)


def test_a_wrong_password_is_told_and_shows_nothing(page: Browser) -> None:
    log_in(page, "not the password")

    wait_until(lambda: page.text("#message"), 15, "a message")
    assert page.text("#rows") == ""
