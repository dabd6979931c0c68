"""What a candidate may do when: entry, coming back, lots, documents, papers, stages."""

from __future__ import annotations

import hashlib

import pytest

from tests.server.rig import (
    MINUTE_US,
    SECOND_US,
    T0_US,
    Candidate,
    ExamHome,
    Room,
    code_of,
    room,
    told,
)
from zhishiyun_protocol import draw, paper
from zhishiyun_protocol.messages.live import NewsKind
from zhishiyun_protocol.messages.sitting import (
    ActKind,
    DrawState,
    EntryGranted,
    PaperKey,
)
from zhishiyun_protocol.signing import from_text

pytestmark = pytest.mark.both_databases


def test_the_door_says_what_is_missing_in_the_order_of_the_flow(here: Room) -> None:
    candidate = here.candidate().log_in()
    codes = [candidate.sitting().entry.code]
    here.clock.to(-600)
    codes.append(candidate.sitting().entry.code)
    candidate.act(ActKind.FLOW_READ)
    codes.append(candidate.sitting().entry.code)
    pledge = candidate.sitting().attachments[0]
    candidate.act(ActKind.ATTACHMENT_READ, subject=pledge.id, version=pledge.sha256)
    codes.append(candidate.sitting().entry.code)
    candidate.post("/v1/me/draw", {})

    assert codes == ["NOT_YET", "FLOW_UNREAD", "ATTACHMENTS_UNREAD", "NOT_DRAWN"]
    assert candidate.sitting().entry.open


def test_only_the_version_that_counts_is_read(here: Room) -> None:  # R092
    candidate = here.candidate().log_in()

    candidate.act(ActKind.ATTACHMENT_READ, subject="pledge", version="0" * 64)

    assert not candidate.sitting().attachments[0].read


@pytest.mark.parametrize(
    ("at_s", "outcome"),
    [
        (-900.001, (403, "NOT_YET")),
        (-900, (200, "")),
        (300, (200, "")),
        (300.001, (403, "CLOSED")),
    ],
)
def test_the_entry_is_decided_on_arrival(
    here: Room, at_s: float, outcome: tuple[int, str]
) -> None:  # R100, R103
    candidate = here.candidate().log_in().get_ready()
    here.clock.to(at_s)

    answer = candidate.try_entry()

    assert (answer.status_code, answer.json().get("code", "")) == outcome


def test_a_second_display_is_refused_at_the_entry(here: Room) -> None:  # R107
    candidate = here.candidate().log_in().get_ready()
    here.clock.to(-600)

    assert code_of(candidate.try_entry(displays=2)) == (409, "DISPLAYS_TOO_MANY")
    assert candidate.try_entry(displays=1).status_code == 200


def test_a_supervisor_lets_a_second_display_pass(here: Room) -> None:  # R173, R178
    candidate = here.candidate().log_in().get_ready()
    here.clock.to(-600)
    supervisor = here.staff("supervisor")
    path = f"/v1/staff/candidates/{candidate.attempt_id}/allowances"

    why = {"reason": "电话中看过：投影仪"}
    odd = supervisor.call("POST", path, json={"rule": "everything", **why})
    passed = supervisor.call(
        "POST", path, json={"rule": "display.extra", "subject": "HDMI-1", **why}
    )

    assert odd.status_code == 400
    assert passed.status_code == 204
    told = candidate.get("/v1/me").json()["allowed"]
    assert told == [{"rule": "display.extra", "subject": "HDMI-1"}]
    assert candidate.try_entry(displays=2).status_code == 200
    assert candidate.beat().news  # the client hears that something changed


def test_what_one_candidate_is_allowed_no_other_is(here: Room) -> None:
    a, b = here.candidate(0).log_in(), here.candidate(1).log_in()
    path = f"/v1/staff/candidates/{a.attempt_id}/allowances"

    here.staff("officer").call("POST", path, json={"rule": "process.chat", "reason": "约定"})

    assert a.get("/v1/me").json()["allowed"] == [{"rule": "process.chat", "subject": ""}]
    assert b.get("/v1/me").json()["allowed"] == []


def test_coming_back_is_another_rule_than_entering(here: Room) -> None:  # Q3, R104, R148
    candidate = here.candidate().log_in().get_ready()
    here.clock.to(-600)
    first = candidate.enter()
    here.clock.to(599)

    again = told(candidate.try_entry(reentry=True), EntryGranted)
    here.clock.to(600)
    after_the_end = candidate.try_entry(reentry=True)

    lines = here.staff("supervisor").call("GET", f"/v1/staff/exams/{here.exam.exam_id}/candidates")
    assert sorted(line["reentries"] for line in lines.json()) == [0, 0, 1]  # a flag, no more
    assert again.reentry
    assert (again.evidence_key, again.entered_us) == (first.evidence_key, first.entered_us)
    assert code_of(after_the_end) == (403, "DONE")


def test_who_has_ended_cannot_come_back(here: Room) -> None:
    candidate = here.candidate().log_in().get_ready()
    here.clock.to(-600)
    candidate.enter()
    here.clock.to(100)
    candidate.act(ActKind.EXAM_ENDED)

    assert code_of(candidate.try_entry(reentry=True)) == (403, "DONE")
    assert candidate.sitting().ended_us == T0_US + 100 * SECOND_US


def test_an_act_sent_twice_counts_once_and_late_acts_are_kept(here: Room) -> None:  # R189
    candidate = here.candidate().log_in()
    here.clock.to(4000)

    first = candidate.act(ActKind.EXAM_ENDED, id="one", at_us=T0_US + 300 * SECOND_US)
    again = candidate.act(ActKind.EXAM_ENDED, id="one", at_us=T0_US + 100 * SECOND_US)

    assert first.json()["kept"] == again.json()["kept"] == ["one"]
    assert candidate.sitting().ended_us == T0_US + 300 * SECOND_US


def test_no_act_moves_the_end_beyond_what_the_plan_allows(here: Room) -> None:
    candidate = here.candidate().log_in()
    here.clock.to(700)

    candidate.act(ActKind.STAGE_BEGUN, index=0, at_us=T0_US + 500 * SECOND_US)
    candidate.act(ActKind.EXAM_ENDED, at_us=T0_US + 100_000 * SECOND_US)

    assert candidate.sitting().ended_us == T0_US + 600 * SECOND_US


def test_the_paper_is_sealed_and_its_key_comes_at_t0(here: Room) -> None:  # R122
    candidate = here.candidate().log_in().get_ready()
    here.clock.to(-600)
    candidate.enter()
    envelope = candidate.get("/v1/me/paper").content
    here.clock.us = T0_US - 1
    early = candidate.get("/v1/me/paper/key")
    here.clock.us = T0_US

    key = told(candidate.get("/v1/me/paper/key"), PaperKey)
    label, content = paper.unseal(envelope, from_text(key.key))

    assert code_of(early) == (425, "NOT_YET")
    assert early.json()["opens_us"] == T0_US
    assert label.exam_id == here.exam.exam_id
    assert b"paper of exam-1" in content
    assert b"paper of exam-1" not in envelope


def test_the_key_is_for_those_who_have_entered(here: Room) -> None:
    candidate = here.candidate().log_in()
    here.clock.to(10)

    assert code_of(candidate.get("/v1/me/paper/key")) == (403, "NOT_ENTERED")
    assert not [n for n in candidate.beat().news if n.kind is NewsKind.PAPER_KEY]


def test_the_plaintext_of_a_paper_is_nowhere_on_the_disk(here: Room) -> None:  # R222
    files = [p for p in here.exam.home.rglob("*") if p.is_file()]

    assert files
    assert not [p for p in files if b"paper of exam-1" in p.read_bytes()]


def test_a_number_is_drawn_once_and_can_be_recomputed(here: Room) -> None:  # R082, R083
    people = [here.candidate(n).log_in() for n in range(3)]
    numbers = [told(p.post("/v1/me/draw", {}), DrawState).number for p in people]

    again = told(people[0].post("/v1/me/draw", {}), DrawState)
    here.clock.to(-200)
    people[0].sitting()
    here.clock.to(-199)
    people[0].post("/v1/me/draw", {})
    revealed = here.staff("auditor").call(
        "GET", f"/v1/staff/exams/{here.exam.exam_id}/draw"
    ).json()  # fmt: skip

    seed, group = from_text(revealed["seed"]), revealed["numbers"]["岗位一"]
    assert again.number == numbers[0]
    assert not again.assigned
    assert sorted(n or 0 for n in numbers) == [1, 2, 3]
    assert draw.is_honest(seed, again.commitment)
    assert draw.numbers(seed, "岗位一", list(group)) == group
    assert [group[p.ticket_id] for p in people] == numbers


def test_nobody_draws_before_the_lottery_opens(exam: ExamHome) -> None:
    with room(exam, at_s=-1800) as here:
        candidate = here.candidate().log_in()
        here.clock.to(-1801)

        answer = candidate.post("/v1/me/draw", {})

    assert code_of(answer) == (403, "NOT_YET")
    assert answer.json()["opens_us"] == T0_US - 30 * MINUTE_US


def test_who_has_not_drawn_is_given_a_number_when_the_lottery_closes(here: Room) -> None:  # R081
    drawn, idle = here.candidate(0).log_in(), here.candidate(1).log_in()
    own = told(drawn.post("/v1/me/draw", {}), DrawState)
    before = idle.sitting().draw
    here.clock.to(-299.9)

    given = idle.sitting().draw
    everybody = {
        line["draw_number"]
        for line in here.staff("supervisor")
        .call("GET", f"/v1/staff/exams/{here.exam.exam_id}/candidates")
        .json()
    }

    assert before is not None
    assert before.number is None
    assert given is not None
    assert given.assigned
    assert given.number != own.number
    assert everybody == {1, 2, 3}


def test_an_attachment_comes_with_its_digest(here: Room) -> None:
    candidate = here.candidate().log_in()

    answer = candidate.get("/v1/me/attachments/pledge")

    assert answer.headers["x-sha256"] == hashlib.sha256(answer.content).hexdigest()
    assert answer.headers["x-sha256"] == candidate.sitting().attachments[0].sha256
    assert answer.headers["content-type"] == "application/pdf"
    assert code_of(candidate.get("/v1/me/attachments/none")) == (404, "NOT_FOUND")


def test_a_candidate_sees_nothing_of_another(here: Room) -> None:
    a, b = here.candidate(0).log_in(), here.candidate(1).log_in()
    b.post("/v1/me/help", {"id": "q", "kind": "text", "text": "乙的问题", "at_us": here.clock.us})
    b.act(ActKind.FLOW_READ)

    seen = "".join(
        a.get(path).text for path in ("/v1/me", "/v1/me/help", "/v1/me/evidence", "/v1/me/paper")
    )

    for secret in (b.attempt_id, b.ticket_number, b.ticket_id, "考生1", "乙的问题"):
        assert secret not in seen
    assert not a.sitting().flow_read


def test_the_answer_to_every_call_may_not_be_kept(here: Room) -> None:
    answer = here.candidate().log_in().get("/v1/me")

    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_unknown_fields_are_ignored_and_nonsense_is_named(here: Room) -> None:
    candidate = here.candidate().log_in()

    extra = candidate.post("/v1/time", {"sent_us": 5, "colour": "blue"})
    nonsense = candidate.post("/v1/time", {"sent_us": "five"})

    assert extra.json()["sent_us"] == 5
    assert code_of(nonsense) == (400, "BAD_REQUEST")
    assert "$.sent_us" in nonsense.json()["message"]


def test_a_number_that_is_too_large_is_nonsense(here: Room) -> None:
    candidate = here.candidate().log_in()

    answer = candidate.post("/v1/me/heartbeat", {"sent_us": 1, "after": 2**64 - 1})

    assert code_of(answer) == (400, "BAD_REQUEST")


def test_a_body_that_is_too_large_is_refused(here: Room) -> None:
    candidate = here.candidate().log_in()

    answer = candidate.post("/v1/me/help", {"text": "x" * 300_000})

    assert code_of(answer) == (413, "TOO_LARGE")


__all__ = ["Candidate"]
