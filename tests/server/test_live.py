"""Heartbeats, news and the paper's key, by WebSocket and by HTTP alike."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import httpx
import msgspec
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.server.log_rig import plain_log, send
from tests.server.rig import (
    PASSWORD,
    Candidate,
    ExamHome,
    Process,
    Room,
    make_exam,
    serving,
    wall_us,
)
from zhishiyun_protocol.clock import Exchange, measured
from zhishiyun_protocol.messages.live import Beat, Heartbeat, NewsKind
from zhishiyun_protocol.messages.sitting import ActKind


def test_news_is_told_until_it_is_acknowledged(here: Room) -> None:
    candidate = here.candidate().log_in()
    candidate.act(ActKind.STAGE_BEGUN, index=0)
    first = candidate.beat().news
    again = candidate.beat().news

    after = candidate.beat(after=first[-1].cursor).news

    assert [item.kind for item in first] == [NewsKind.STATE]
    assert again == first
    assert after == ()


def test_a_reminder_reaches_one_candidate_only(here: Room) -> None:
    a, b = here.candidate(0).log_in(), here.candidate(1).log_in()

    here.staff("supervisor").call(
        "POST", f"/v1/staff/candidates/{a.attempt_id}/remind", json={"text": "请坐正"}
    )

    assert [(item.kind, item.text) for item in a.beat().news] == [(NewsKind.REMIND, "请坐正")]
    assert b.beat().news == ()


def test_help_is_answered_and_read_receipts_are_kept(here: Room) -> None:  # R160, R165
    candidate = here.candidate().log_in()
    question = {"id": "q1", "kind": "canned", "text": "题目未显示", "at_us": here.clock.us}
    for _ in range(2):
        candidate.post("/v1/me/help", question)
    supervisor = here.staff("supervisor")
    waiting = candidate.get("/v1/me/help").json()["waiting_since_us"]
    path = f"/v1/staff/candidates/{candidate.attempt_id}/help"

    seen = supervisor.call("GET", path).json()
    supervisor.call("POST", path, json={"text": "请点刷新题目"})
    thread = candidate.get("/v1/me/help").json()
    later = candidate.get("/v1/me/help?after=1").json()

    assert waiting == here.clock.us
    assert [line["text"] for line in seen["messages"]] == ["题目未显示"]
    assert [line["text"] for line in thread["messages"]] == ["题目未显示", "请点刷新题目"]
    assert [line["from_staff"] for line in later["messages"]] == [True]
    assert thread["messages"][0]["read_us"] == here.clock.us
    assert thread["waiting_since_us"] is None
    assert NewsKind.HELP in [item.kind for item in candidate.beat().news]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> tuple[ExamHome, Path]:
    folder = tmp_path_factory.mktemp("live")
    return make_exam(folder, starts_at="+800", count=6), folder


def test_the_socket_answers_pushes_and_ends_with_the_session(
    running: tuple[ExamHome, Path],
) -> None:
    exam, _ = running
    with serving(exam) as server, httpx.Client(base_url=server.url) as http:
        candidate = Candidate(http, exam.tickets(server.url)[0], wall_us).log_in()
        with live(server, candidate) as socket:
            answered = exchange(socket, Heartbeat(sent_us=7))
            candidate.act(ActKind.STAGE_BEGUN, index=0)
            pushed = receive(socket)
            candidate.log_in(take_over=True)
            last = receive(socket)
            with pytest.raises(ConnectionClosed) as closed:
                receive(socket)

    assert (answered.sent_us, answered.news) == (7, ())
    assert (pushed.sent_us, [i.kind for i in pushed.news]) == (0, [NewsKind.STATE])
    assert [i.kind for i in last.news] == [NewsKind.TAKEN_OVER]
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4001


def test_a_head_on_the_socket_is_committed_in_bulk_and_held_to_the_chain(
    running: tuple[ExamHome, Path],
) -> None:
    exam, _ = running
    with serving(exam) as server, httpx.Client(base_url=server.url) as http:
        candidate = Candidate(http, exam.tickets(server.url)[3], wall_us).log_in().get_ready()
        log = plain_log(candidate, candidate.enter())
        forged = msgspec.structs.replace(log.head(), records=5, head="0" * 64)
        with live(server, candidate) as socket:
            for head in (forged, log.head()):
                exchange(socket, Heartbeat(sent_us=1, head=head))
                _until(lambda head=head: _committed(socket) == head.records)
        send(candidate, log)
        receipt = candidate.seal(log.seal())
        token = _staff_token(exam, http)
        lines = http.get(
            f"/v1/staff/exams/{exam.exam_id}/candidates", headers={"Authorization": token}
        ).json()

    assert receipt.json()["body"]["complete"]  # a forged head says nothing about the log
    mine = next(line for line in lines if line["attempt_id"] == candidate.attempt_id)
    assert mine["alarms"] == ["HEAD_FORGED"]


def test_a_number_that_fits_no_database_ends_its_own_line_only(
    running: tuple[ExamHome, Path],
) -> None:
    exam, _ = running
    with serving(exam) as server, httpx.Client(base_url=server.url) as http:
        people = [Candidate(http, t, wall_us).log_in() for t in exam.tickets(server.url)[4:]]
        with live(server, people[1]) as good:
            for field in ("after", "held_bytes", "dropped"):
                with live(server, people[0]) as bad:
                    bad.send(json.dumps({"sent_us": 1, field: 2**63}))
                    with pytest.raises(ConnectionClosed):
                        receive(bad)
            answered = exchange(good, Heartbeat(sent_us=7))

    assert answered.sent_us == 7


def test_the_key_is_pushed_at_t0_to_everybody_at_once(tmp_path: Path) -> None:  # R122
    exam = make_exam(tmp_path, starts_at="+1500", count=2)
    with ExitStack() as stack:
        server = stack.enter_context(serving(exam, "--speed", "200"))
        http = stack.enter_context(httpx.Client(base_url=server.url))

        def now_us() -> int:
            return int(http.post("/v1/time", json={"sent_us": 0}).json()["server_sent_us"])

        people = [Candidate(http, t, now_us).log_in() for t in exam.tickets(server.url)]
        for person in people:
            person.get_ready()
        opens_us = people[0].sitting().entry.opens_us or 0
        time.sleep(max(0.0, (opens_us - now_us()) / 200e6) + 0.01)
        for person in people:
            person.enter()
        sockets = [stack.enter_context(live(server, person)) for person in people]
        for person, socket in zip(people, sockets, strict=True):
            exchange(socket, Heartbeat(sent_us=1, after=person.sitting().news_cursor))
        beats = [receive(socket) for socket in sockets]
        starts_us = people[0].sitting().starts_us

    keys = [item for beat in beats for item in beat.news if item.kind is NewsKind.PAPER_KEY]
    assert len(keys) == 2
    assert keys[0].data == keys[1].data
    assert all(0 <= key.at_us - starts_us < 200_000 * 200 for key in keys)  # 200 ms, real time


def test_a_handshake_without_a_session_is_refused_with_its_problem(
    running: tuple[ExamHome, Path],
) -> None:
    exam, _ = running
    with serving(exam) as server, pytest.raises(InvalidStatus) as refused:
        connect(
            server.url.replace("http", "ws") + "/v1/live",
            additional_headers={"Authorization": "Bearer nobody"},
        )

    answer = refused.value.response
    assert answer.status_code == 401
    assert json.loads(answer.body or b"{}")["code"] == "SESSION_UNKNOWN"


def test_nonsense_on_the_socket_closes_it(running: tuple[ExamHome, Path]) -> None:
    exam, _ = running
    codes = []
    with serving(exam) as server, httpx.Client(base_url=server.url) as http:
        candidate = Candidate(http, exam.tickets(server.url)[2], wall_us).log_in()
        for nonsense in ("{nonsense", '{"sent_us": 1, "phase": "\\u0000"}'):
            with live(server, candidate) as socket:
                socket.send(nonsense)
                with pytest.raises(ConnectionClosed) as closed:
                    receive(socket)
            codes.append(closed.value.rcvd and closed.value.rcvd.code)
        refused = candidate.post("/v1/me/heartbeat", Heartbeat(sent_us=1, thumbnail="\0"))

    assert codes == [4000, 4000]
    assert (refused.status_code, refused.json()["code"]) == (400, "BAD_REQUEST")


def test_four_timestamps_make_an_interval_that_holds(running: tuple[ExamHome, Path]) -> None:
    exam, _ = running
    with serving(exam) as server, httpx.Client(base_url=server.url) as http:
        before_us = wall_us()
        answer = http.post("/v1/time", json={"sent_us": before_us}).json()
        clock = measured(
            Exchange(
                before_us,
                answer["server_received_us"],
                answer["server_sent_us"],
                wall_us(),
                answer["speed"],
            )
        )

    assert answer["sent_us"] == before_us
    assert abs(clock.server_us - clock.at_us) <= clock.error_us + 1000


def _committed(socket: ClientConnection) -> int:
    return exchange(socket, Heartbeat(sent_us=1)).committed


def _until(holds: Callable[[], bool], within_s: float = 20.0) -> None:
    deadline_s = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline_s, "it did not happen"
        time.sleep(0.05)


def _staff_token(exam: ExamHome, http: httpx.Client) -> str:
    path = exam.home.parent / "password"
    path.write_text(f"{PASSWORD}\n")
    assert exam.run("staff", "add", "t", "--role", "supervisor", "--password-file", str(path)) == 0
    answer = http.post("/v1/staff/sessions", json={"name": "t", "password": PASSWORD})
    return f"Bearer {answer.json()['token']}"


def live(server: Process, candidate: Candidate) -> ClientConnection:
    return connect(
        server.url.replace("http", "ws") + "/v1/live", additional_headers=candidate.bearer
    )


def exchange(socket: ClientConnection, heartbeat: Heartbeat) -> Beat:
    socket.send(msgspec.json.encode(heartbeat).decode())
    return receive(socket)


def receive(socket: ClientConnection) -> Beat:
    return msgspec.json.decode(socket.recv(timeout=10), type=Beat)
