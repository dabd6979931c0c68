"""A candidate asks for a copy or for deletion; people answer, and she sees it (PIPL 44–50)."""

from __future__ import annotations

from tests.server.rig import Candidate, Room, code_of, told
from zhishiyun_protocol.messages.live import NewsKind
from zhishiyun_protocol.messages.personal_data import (
    DataAnswer,
    DataRequest,
    DataRequests,
    DataWish,
)
from zhishiyun_server.keep.audit import AuditRow
from zhishiyun_server.keep.data_requests import DataRequestLine

PATH = "/v1/me/data-requests"


def ask(candidate: Candidate, wish: DataWish, request_id: str) -> DataRequests:
    request = DataRequest(id=request_id, wish=wish, at_us=candidate.now_us())
    return told(candidate.post(PATH, request), DataRequests, 201)


def test_a_request_is_kept_seen_by_an_officer_and_answered(here: Room) -> None:
    candidate, officer = here.candidate().log_in(), here.staff("officer")
    ask(candidate, DataWish.COPY, "r1")

    (line,) = told(officer.call("GET", "/v1/staff/data-requests"), list[DataRequestLine])
    path = f"/v1/staff/data-requests/{line.attempt_id}/{line.id}/answer"
    done = officer.call("POST", path, json={"granted": True, "words": "三个工作日内发出"})

    (own,) = told(candidate.get(PATH), DataRequests).requests
    assert (line.wish, line.answer, line.name) == (DataWish.COPY, DataAnswer.WAITING, "考生0")
    assert done.status_code == 200
    assert (own.answer, own.words) == (DataAnswer.GRANTED, "三个工作日内发出")
    assert own.answered_us is not None
    assert NewsKind.STATE in [news.kind for news in candidate.beat().news]


def test_both_steps_are_in_the_audit_chain(here: Room) -> None:
    candidate, officer = here.candidate().log_in(), here.staff("officer")
    ask(candidate, DataWish.DELETION, "r1")
    path = f"/v1/staff/data-requests/{candidate.attempt_id}/r1/answer"
    officer.call("POST", path, json={"granted": False, "words": "复核期内须保留"})

    chain = told(here.staff("auditor").call("GET", "/v1/staff/audit"), list[AuditRow])

    found = [(row.what, row.who) for row in chain if row.what.startswith("data.")]
    assert found == [
        ("data.asked.deletion", "server"),
        ("data.refused.deletion", officer.name),
    ]


def test_sent_again_or_asked_twice_a_request_waits_once(here: Room) -> None:
    candidate = here.candidate().log_in()

    ask(candidate, DataWish.COPY, "r1")
    ask(candidate, DataWish.COPY, "r1")
    ask(candidate, DataWish.COPY, "r2")
    kept = ask(candidate, DataWish.DELETION, "r3")

    assert [request.id for request in kept.requests] == ["r1", "r3"]


def test_an_answer_needs_words_and_is_given_once(here: Room) -> None:
    candidate, officer = here.candidate().log_in(), here.staff("officer")
    ask(candidate, DataWish.COPY, "r1")
    path = f"/v1/staff/data-requests/{candidate.attempt_id}/r1/answer"

    silent = officer.call("POST", path, json={"granted": True, "words": " "})
    first = officer.call("POST", path, json={"granted": True, "words": "已受理"})
    second = officer.call("POST", path, json={"granted": False, "words": "改变主意"})
    nobodys = officer.call(
        "POST", path.replace("/r1/", "/r9/"), json={"granted": True, "words": "x"}
    )

    assert code_of(silent)[0] == 400
    assert first.status_code == 200
    assert code_of(second) == (409, "DATA_ANSWERED")
    assert code_of(nobodys) == (404, "NOT_FOUND")


def test_nobody_sees_the_requests_of_somebody_else(here: Room) -> None:
    first, second = here.candidate(0).log_in(), here.candidate(1).log_in()
    ask(first, DataWish.COPY, "r1")

    assert told(second.get(PATH), DataRequests).requests == ()
