"""Every call of the candidate against the real server, in the order of an exam."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.waits import wait_until
from tests.server.rig import ExamHome, Process, make_exam, serving
from zhishiyun_client.keep.enrolment import EnrolmentKeeper, read_trust
from zhishiyun_client.keep.secret_store import SecretFiles
from zhishiyun_client.net.channel import Channel
from zhishiyun_client.net.client import ExamClient
from zhishiyun_client.net.clock_sync import ask_the_time
from zhishiyun_client.net.live_socket import LiveSocket
from zhishiyun_client.net.wire import Wire
from zhishiyun_client.ports.api import problem_of
from zhishiyun_client.ports.line import ClockKnown, LineUp
from zhishiyun_client.runtime.clock import monotonic_us
from zhishiyun_protocol.errors import Refused
from zhishiyun_protocol.messages.entering import FaceResult, LoginState
from zhishiyun_protocol.messages.live import Heartbeat
from zhishiyun_protocol.messages.sitting import (
    Act,
    ActKind,
    Acts,
    EntryRequest,
    HelpKind,
    HelpQuestion,
)
from zhishiyun_protocol.paper import read_label

SPEED = 4.0


class Person:
    """A candidate's client up to the session."""

    def __init__(self, exam: ExamHome, server: Process, home: Path) -> None:
        self.wire = Wire(server.url)
        self.api = ExamClient(self.wire)
        self.server = server
        text = exam.tickets(server.url)[0]
        trust = next(exam.home.parent.rglob("trust.json"))
        secrets = SecretFiles(home / "secrets")
        self.keeper = EnrolmentKeeper(home, secrets, read_trust([trust]))
        self.keeper.take_ticket(text)
        self.enrolled = self.api.enrol(self.keeper.enrolment("0.1.0"))
        self.clock = ask_the_time(self.api)

    @property
    def now_us(self) -> int:
        return self.clock.now_us(monotonic_us())

    def logs_in(self) -> None:
        opened = self.api.log_in(self.keeper.login(self.now_us))
        found = FaceResult(matched=True, score=0.8, frames=5, pack="test")
        status = self.api.send_face(opened.login_id, opened.login_secret, found)
        assert status.state is LoginState.ADMITTED
        self.session = status.session
        self.api.use_session(status.session)

    def does(self, kind: ActKind, subject: str = "", version: str = "") -> tuple[str, ...]:
        act = Act(
            id=f"{kind}-{subject}", kind=kind, at_us=self.now_us, error_us=1,
            subject=subject, version=version,
        )  # fmt: skip
        return self.api.send_acts(Acts(acts=(act,))).kept


@pytest.fixture(scope="module")
def person(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    folder = tmp_path_factory.mktemp("exam")
    exam = make_exam(folder, starts_at="+700", count=1)
    with serving(exam, "--speed", str(SPEED)) as server:
        found = Person(exam, server, folder / "candidate")
        found.logs_in()
        yield found
        found.wire.close()


def test_the_clock_is_that_of_the_exam(person: Person) -> None:
    assert person.clock.speed == SPEED
    assert person.clock.error_us < 1_000_000
    assert abs(person.api.sitting().now_us - person.now_us) < 4_000_000


def test_documents_are_what_their_digest_says(person: Person) -> None:
    for info in person.api.sitting().attachments:
        content = person.api.attachment(info.id)

        assert hashlib.sha256(content).hexdigest() == info.sha256


def test_acts_are_kept_and_may_be_sent_again(person: Person) -> None:
    first = person.does(ActKind.FLOW_READ)

    assert person.does(ActKind.FLOW_READ) == first == ("flow_read-",)
    assert person.api.sitting().flow_read


def test_a_door_that_is_closed_says_why(person: Person) -> None:
    with pytest.raises(Refused) as caught:
        person.api.enter(EntryRequest(displays=1))

    problem = problem_of(caught.value)
    assert problem is not None
    assert problem.code == caught.value.code
    assert caught.value.zh


def test_the_paper_is_there_and_its_key_is_not(person: Person) -> None:
    with pytest.raises(Refused) as caught:
        person.api.paper_key()

    assert caught.value.facts["status"] in (403, 425)
    assert read_label(person.api.paper()).exam_id == person.enrolled.exam_id


def test_drawing_gives_a_number_once(person: Person) -> None:
    assert person.api.draw().number == person.api.draw().number == 1


def test_a_binding_code_is_shown(person: Person) -> None:
    assert person.api.new_binding().code != person.api.new_binding().code


def test_help_is_asked_once_and_read_back(person: Person) -> None:
    question = HelpQuestion(id="q1", kind=HelpKind.TEXT, text="听不到声音", at_us=person.now_us)

    person.api.ask_help(question)
    person.api.ask_help(question)

    assert [message.text for message in person.api.help_thread(0).messages] == ["听不到声音"]


def test_heartbeats_travel_by_http(person: Person) -> None:
    beat = person.api.heartbeat(Heartbeat(sent_us=77))

    assert beat.sent_us == 77
    assert beat.speed == SPEED


def test_the_live_channel_knows_the_time_and_hears_news(person: Person) -> None:
    seen: list[object] = []
    channel = Channel(
        person.api,
        lambda: LiveSocket.open(person.server.url, person.session, person.wire.context),
        lambda: Heartbeat(sent_us=0, phase="home"),
        seen.append,
        beat_every_s=0.2,
    )
    channel.start()
    try:
        wait_until(lambda: LineUp("websocket") in seen)
        wait_until(lambda: len([r for r in seen if isinstance(r, ClockKnown)]) > 2)
    finally:
        assert channel.stop(5)

    clock = next(r.clock for r in reversed(seen) if isinstance(r, ClockKnown))
    local_us = monotonic_us()
    tolerance_us = clock.error_at_us(local_us) + person.clock.error_at_us(local_us)
    assert abs(clock.now_us(local_us) - person.clock.now_us(local_us)) <= tolerance_us


def test_an_unknown_session_is_refused_by_both_ways(person: Person) -> None:
    with pytest.raises(Refused) as by_http:
        ExamClient(person.wire, "stranger").sitting()
    with pytest.raises(Refused) as by_socket:
        LiveSocket.open(person.server.url, "stranger", person.wire.context)

    assert by_http.value.code == by_socket.value.code == "SESSION_UNKNOWN"
