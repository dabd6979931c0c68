"""Several processes of one server: state in PostgreSQL, words to one another through NATS."""

from __future__ import annotations

import base64
import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.helpers.waits import wait_until
from tests.rigs.nats import NatsServer
from tests.rigs.postgresql import PostgreSQLServer
from tests.server.log_rig import plain_log
from tests.server.rig import (
    PASSWORD,
    Candidate,
    ExamHome,
    Process,
    Staff,
    code_of,
    make_exam,
    photo,
    serving,
    told,
    wall_us,
)
from tests.server.test_live import exchange, live, receive
from zhishiyun_protocol.messages.entering import (
    LoginOpened,
    LoginStatus,
    PictureTaken,
    ShownPicture,
)
from zhishiyun_protocol.messages.live import Heartbeat, NewsKind
from zhishiyun_server.__main__ import main
from zhishiyun_server.routes.live_pictures import LiveLook

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(sys.platform != "linux", reason="PostgreSQL and NATS are tested on Linux"),
]
COUNT = 12


@dataclass
class Hall:
    """Two processes, and who calls them."""

    exam: ExamHome
    servers: tuple[Process, Process]
    https: tuple[httpx.Client, httpx.Client]
    tickets: list[str]
    bus: NatsServer

    def candidate(self) -> Candidate:
        """Somebody new, at the first process."""
        return Candidate(self.https[0], self.tickets.pop(), wall_us)

    def staff(self, role: str, at: int) -> Staff:
        """Somebody of the staff, at one of the processes."""
        name, file = f"{role}-{at}-{len(self.tickets)}", self.exam.home.parent / "password"
        file.write_text(f"{PASSWORD}\n")
        self.exam.run("staff", "add", name, "--role", role, "--password-file", str(file))
        return Staff(self.https[at], name)


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory, postgresql: PostgreSQLServer) -> Iterator[Hall]:
    """Two processes of one server, open for entry."""
    folder = tmp_path_factory.mktemp("hall")
    with ExitStack() as stack:
        bus = stack.enter_context(NatsServer())
        address = postgresql.create("hall")
        exam = make_exam(folder, starts_at="+800", count=COUNT, address=address, bus=bus.url)
        servers = (stack.enter_context(serving(exam)), stack.enter_context(serving(exam)))
        https = [stack.enter_context(httpx.Client(base_url=one.url)) for one in servers]
        tickets = exam.tickets(servers[0].url)
        yield Hall(exam, servers, (https[0], https[1]), tickets, bus)


def test_a_candidate_is_at_home_in_every_process(hall: Hall) -> None:
    candidate = hall.candidate()
    candidate.enrol()
    candidate.http = hall.https[1]
    candidate.log_in()
    candidate.http = hall.https[0]
    candidate.get_ready()
    candidate.http = hall.https[1]
    granted = candidate.enter()

    log = plain_log(candidate, granted)
    for number, (first, data) in enumerate(log.chunks(500)):
        candidate.http = hall.https[number % 2]
        assert candidate.put_granted(first, data).status_code == 201
    receipts = []
    for each in hall.https:
        candidate.http = each
        candidate.seal(log.seal())
        receipts.append(candidate.receipt())

    assert receipts[0] == receipts[1]
    assert receipts[0].body.complete


def test_of_two_who_draw_at_two_processes_each_has_his_own_number(hall: Hall) -> None:
    people = [hall.candidate().log_in() for _ in range(4)]
    for number, person in enumerate(people):
        person.http = hall.https[number % 2]

    with ThreadPoolExecutor(len(people)) as pool:
        list(pool.map(lambda person: person.get_ready(), people))

    numbers = [person.sitting().draw.number for person in people]
    assert len(set(numbers)) == len(numbers)


def test_one_place_is_filled_once_whoever_comes_where(hall: Hall) -> None:
    candidate = hall.candidate().log_in().get_ready()
    candidate.enter()
    other = Candidate(hall.https[1], candidate.ticket, wall_us)
    other.session, other.attempt_id = candidate.session, candidate.attempt_id

    with ThreadPoolExecutor(2) as pool:
        mine = pool.submit(candidate.put, 0, b"mine" * 100)
        theirs = pool.submit(other.put, 0, b"theirs" * 100)
        answers = sorted(each.result().status_code for each in (mine, theirs))

    assert answers == [201, 409]
    lines = hall.staff("officer", 1).call("GET", "/v1/staff/exams/exam-1/candidates").json()
    alarms = [line["alarms"] for line in lines if line["attempt_id"] == candidate.attempt_id]
    assert alarms == [["EVIDENCE_CONFLICT"]]


def test_what_one_process_is_told_another_pushes_at_once(hall: Hall) -> None:
    candidate = hall.candidate().log_in()
    supervisor = hall.staff("supervisor", 1)
    with live(hall.servers[0], candidate) as socket:
        exchange(socket, Heartbeat(sent_us=1))
        _remind(supervisor, candidate, "请坐正")
        pushed = receive(socket)

    assert pushed.sent_us == 0  # nobody had asked
    assert [(item.kind, item.text) for item in pushed.news] == [(NewsKind.REMIND, "请坐正")]


def test_a_technician_sees_who_is_served_by_another_process(hall: Hall) -> None:
    candidate = hall.candidate()
    candidate.enrol()
    opened = told(candidate.open_login(), LoginOpened, 201)
    candidate.ask_manual(opened)
    technician = hall.staff("technician", 1)
    path = f"/v1/staff/logins/{opened.login_id}/live"
    shown = ShownPicture(picture=base64.b64encode(photo(5)).decode())

    def wanted() -> bool:
        technician.call("GET", path)
        return told(candidate.see_login(opened), LoginStatus).picture_wanted

    def seen() -> str:
        return told(technician.call("GET", path), LiveLook).picture.partition(",")[2]

    wait_until(wanted, 10, "the other process hears that somebody looks")
    address = f"/v1/logins/{opened.login_id}/picture"
    assert told(candidate.post(address, shown, opened.login_secret), PictureTaken).wanted
    wait_until(lambda: seen() != "", 10, "the picture arrives")

    assert base64.b64decode(seen()) == photo(5)


def test_without_the_bus_news_comes_with_the_next_heartbeat(hall: Hall) -> None:
    candidate = hall.candidate().log_in()
    supervisor = hall.staff("supervisor", 1)
    hall.bus.kill()
    try:
        _remind(supervisor, candidate, "请看镜头")
        told_late = candidate.beat().news
    finally:
        hall.bus.start()
    with live(hall.servers[0], candidate) as socket:
        exchange(socket, Heartbeat(sent_us=1, after=told_late[-1].cursor))
        pushed = _pushed_after(supervisor, candidate, socket)

    assert [item.text for item in told_late] == ["请看镜头"]
    assert pushed


def test_a_killed_process_leaves_the_other_whole(hall: Hall, tmp_path: Path) -> None:
    candidate = hall.candidate().log_in().get_ready()
    candidate.enter()
    with serving(hall.exam) as third, httpx.Client(base_url=third.url) as http:
        candidate.http = http
        assert candidate.put(0, b"a" * 1000).status_code == 201
        third.kill()
    candidate.http = hall.https[1]

    again = candidate.put(0, b"a" * 1000)
    more = candidate.put(1000, b"b" * 1000)

    assert (again.status_code, more.status_code) == (200, 201)


def _remind(supervisor: Staff, candidate: Candidate, text: str) -> None:
    path = f"/v1/staff/candidates/{candidate.attempt_id}/remind"
    assert supervisor.call("POST", path, json={"text": text}).status_code < 300


def _pushed_after(supervisor: Staff, candidate: Candidate, socket: object) -> bool:
    """Remind until the bus carries it again: its clients find it within a second or two."""
    deadline_s = time.monotonic() + 20
    while time.monotonic() < deadline_s:
        _remind(supervisor, candidate, "又")
        try:
            receive_soon(socket)
        except TimeoutError:
            continue
        return True
    return False


def receive_soon(socket: object) -> object:
    """What comes within a second."""
    return socket.recv(timeout=1)  # type: ignore[attr-defined]


def test_nothing_of_a_killed_database_is_lost(
    tmp_path: Path, postgresql_of_its_own: PostgreSQLServer
) -> None:
    database = postgresql_of_its_own
    exam = make_exam(tmp_path, starts_at="+800", count=1, address=database.create("killed"))
    with serving(exam) as server, httpx.Client(base_url=server.url) as http:
        candidate = Candidate(http, exam.tickets(server.url)[0], wall_us).log_in().get_ready()
        candidate.enter()
        assert candidate.put(0, b"a" * 1000).status_code == 201
        database.stop_hard()
        refused = candidate.put(1000, b"b" * 1000)
        database.start()
        wait_until(lambda: candidate.get("/v1/me").status_code == 200, 20, "it answers again")
        kept = [candidate.put(at, data) for at, data in ((0, b"a" * 1000), (1000, b"b" * 1000))]

    assert code_of(refused) == (500, "INTERNAL")
    assert refused.json()["retry_after_s"]
    assert kept[0].status_code == 200  # acknowledged means durable
    assert kept[1].status_code in (200, 201)


def test_an_exam_goes_through_two_processes_from_ticket_to_receipt(
    tmp_path: Path, hall: Hall, postgresql: PostgreSQLServer, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "database").write_text(postgresql.create("exam-of-two"))
    (tmp_path / "bus").write_text(hall.bus.url)

    code = main([
        "load", "6", "--json", "--processes", "2", "--database-file", str(tmp_path / "database"),
        "--bus-file", str(tmp_path / "bus"), "--wait-s", "1", "--settle-s", "6", "--upload-s", "3",
    ])  # fmt: skip

    (run,) = json.loads(capsys.readouterr().out.splitlines()[-1])["runs"]
    assert code == 0
    assert run["errors"] == {}
    assert run["receipts"] == 6
