"""The list of candidates: what staff see of everybody, in a fixed number of questions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from tests.server.log_rig import plain_log, send
from tests.server.phone_rig import bound_phone
from tests.server.rig import Candidate, Room, room, told
from zhishiyun_protocol.messages.entering import LoginOpened
from zhishiyun_protocol.messages.sitting import ActKind
from zhishiyun_server.keep.overview import CandidateLine


def lines_of(here: Room) -> list[CandidateLine]:
    path = f"/v1/staff/exams/{here.exam.exam_id}/candidates"
    return told(here.staff("officer").call("GET", path), list[CandidateLine])


def line_of(here: Room, candidate: Candidate) -> CandidateLine:
    return next(line for line in lines_of(here) if line.attempt_id == candidate.attempt_id)


@contextmanager
def counting(here: Room) -> Iterator[list[str]]:
    """Every statement that the database hears meanwhile."""
    heard: list[str] = []

    def hear(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        heard.append(statement)

    engine = here.premises.database._engine
    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        event.remove(engine, "before_cursor_execute", hear)


def test_the_list_asks_no_more_for_many_than_for_one(here: Room) -> None:
    officer = here.staff("officer")
    path = f"/v1/staff/exams/{here.exam.exam_id}/candidates"
    counts = []
    for number in range(3):
        candidate = here.candidate(number).log_in()
        candidate.beat(phase="waiting", recording=True)
        with counting(here) as heard:
            officer.call("GET", path)
        counts.append(len(heard))

    assert counts[0] == counts[1] == counts[2] < 20


def test_a_line_says_what_its_candidate_did_and_nobody_elses(exam: Any) -> None:
    with room(exam, at_s=-320) as here:
        a, b = here.candidate(0).log_in().get_ready(), here.candidate(1).log_in()
        log = plain_log(a, a.enter())
        send(a, log)
        a.seal(log.seal())
        a.put(0, b"other bytes")
        b.beat(phase="waiting", lag_bytes=7, notes=("DISK_LOW",), thumbnail="AAAA")
        bound_phone(here, b).say(phase="placing", battery_share=0.5)
        question = {"id": "q", "kind": "canned", "text": "x", "at_us": here.clock.us}
        b.post("/v1/me/help", question)
        b.act(ActKind.CONSENT, subject="face:given", version="a" * 64)
        assert b.try_entry().status_code == 403
        waiting = here.candidate(2)
        waiting.enrol()
        waiting.ask_manual(told(waiting.open_login(), LoginOpened, 201))

        mine, other = line_of(here, a), line_of(here, b)
        third = next(line for line in lines_of(here) if not line.attempt_id)
        now_us = here.clock.us

    assert (mine.sealed, mine.complete, mine.late) == (True, True, False)
    assert (mine.held_bytes, mine.alarms) == (len(log.data), ("EVIDENCE_CONFLICT",))
    assert (mine.phone.bound, mine.help_waiting_us, mine.refusals, mine.face) == (
        False,
        None,
        0,
        "",
    )
    assert (other.phase, other.lag_bytes, other.notes) == ("waiting", 7, ("DISK_LOW",))
    assert (other.phone.bound, other.help_waiting_us, other.face) == (True, now_us, "given")
    assert (other.held_bytes, other.alarms, other.refusals) == (0, (), 1)
    assert (third.manual_waiting_us, third.enrolled) == (now_us, True)


def test_a_question_that_was_answered_waits_no_more(here: Room) -> None:
    candidate = here.candidate().log_in()
    supervisor = here.staff("supervisor")
    path = f"/v1/staff/candidates/{candidate.attempt_id}/help"

    def ask(name: str) -> None:
        question = {"id": name, "kind": "canned", "text": "x", "at_us": here.clock.us}
        candidate.post("/v1/me/help", question)

    ask("first")
    supervisor.call("POST", path, json={"text": "ok"})
    answered = line_of(here, candidate).help_waiting_us
    here.clock.us += 5
    ask("second")

    assert answered is None
    assert line_of(here, candidate).help_waiting_us == here.clock.us
