"""The phone on a bad day: a server that dies, answers that are lost, a phone that is killed."""

from __future__ import annotations

import json
import socket
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.helpers.waits import wait_until
from tests.server.phone_rig import Phone, bound_phone, film, shown_code
from tests.server.rig import (
    Candidate,
    ExamHome,
    Room,
    make_exam,
    serving,
    told,
    wall_us,
)
from zhishiyun_client.runtime.programs import client_command
from zhishiyun_protocol.evidence.verify import Verifier
from zhishiyun_protocol.messages.evidence import Held, Receipt
from zhishiyun_server.intake import PATH

SPEED = 100.0  # ten minutes of exam are six seconds
ENDS_WITHIN_S = 120.0


@pytest.fixture
def wall_exam(tmp_path: Path) -> ExamHome:
    return make_exam(tmp_path, starts_at="+500", count=1)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def test_a_phones_chunk_may_go_the_short_way(here: Room) -> None:
    phone = bound_phone(here, here.candidate().log_in())

    fits = PATH.fullmatch(f"/v1/evidence/{phone.bound.recording_id}/0".encode())

    assert fits is not None
    assert fits[1].decode() == phone.bound.recording_id


def test_what_was_answered_survives_a_killed_server_and_the_rest_goes_on(
    wall_exam: ExamHome,
) -> None:
    with serving(wall_exam) as server, httpx.Client(base_url=server.url, trust_env=False) as http:
        candidate = Candidate(http, wall_exam.tickets(server.url)[0], wall_us).log_in()
        phone = Phone(http).bind(candidate)
        scribe, pieces = film(phone, wall_us())
        phone.send_all(pieces[:2])
        server.kill()
        with pytest.raises(httpx.TransportError):
            phone.send(*pieces[2])

    with serving(wall_exam) as server, httpx.Client(base_url=server.url, trust_env=False) as http:
        phone.http = http
        held = told(phone.get("evidence"), Held)
        again = phone.send(*pieces[2])
        once_more = [phone.put(*piece).status_code for piece in pieces]
        receipt = told(phone.seal(scribe.seal()), Receipt)

    assert held.ranges == ((0, pieces[2][0]),)
    assert (again.status_code, once_more) == (201, [200, 200, 200])
    assert (receipt.body.complete, receipt.body.sha256) == (True, scribe.sha256)


def test_a_phone_films_on_while_the_server_is_away(wall_exam: ExamHome, tmp_path: Path) -> None:
    port = str(free_port())
    with serving(wall_exam, "--speed", str(SPEED), "--port", port) as server:
        with httpx.Client(base_url=server.url, trust_env=False) as http:
            candidate = Candidate(http, wall_exam.tickets(server.url)[0], wall_us)
            candidate.now_us = lambda: json.loads(
                http.post("/v1/time", json={"sent_us": 0}).content
            )["server_sent_us"]
            code = shown_code(candidate.log_in()).code
        words = ("--server", server.url, "--code", code, "--home", str(tmp_path / "home"))
        phone = subprocess.Popen(
            client_command("demonstration-phone", *words), stdout=subprocess.PIPE, text=True
        )
        log = tmp_path / "home" / "phone" / f"{candidate.attempt_id}-p1.zlog"
        wait_until(lambda: log.is_file() and log.stat().st_size > 5000, 60, "a film")
        server.kill()
    with serving(wall_exam, "--port", port):
        printed, _ = phone.communicate(timeout=ENDS_WITHIN_S)

    verifier = Verifier()
    verifier.feed(log.read_bytes())
    (receipt,) = log.parent.glob("*.receipt.json")
    body = told(httpx.Response(200, content=receipt.read_bytes()), Receipt).body
    assert phone.returncode == 0
    assert json.loads(printed)["recording_id"] == body.attempt_id == verifier.verdict().attempt_id
    assert verifier.verdict().faults == ()
    assert (body.complete, body.formal, body.sha256) == (True, False, verifier.verdict().sha256)


def test_a_killed_phone_costs_what_it_had_not_sent(here: Room) -> None:  # R073
    candidate = here.candidate().log_in()
    dead = bound_phone(here, candidate, "dead")
    scribe, pieces = film(dead, here.clock.us)
    dead.say(phase="recording", log_bytes=scribe.length, waiting_bytes=scribe.length)
    dead.send_all(pieces[:1])

    fresh = bound_phone(here, candidate, "fresh")
    other, whole = film(fresh, here.clock.us, seconds=1)
    fresh.send_all(whole)
    fresh.seal(other.seal())
    state = candidate.sitting().phone

    assert (state.parts, state.parts_missing, state.complete) == (2, 1, False)
    assert state.missing_bytes == scribe.length - len(pieces[0][1])
    follower = here.client.portal.call(  # type: ignore[union-attr]
        here.premises.followers.settled, dead.bound.recording_id
    )
    assert follower.verdict().faults == ("LOG_NOT_ENDED",)
    assert follower.verdict().coverage[0].covered == 2
