"""The phone at the server: binding, its recording, and what everybody is told of it (R060–R076)."""

from __future__ import annotations

import hashlib

import msgspec
import pytest

from tests.server.log_rig import plain_log, send
from tests.server.phone_rig import Phone, bound_phone, film, line_of, phone_news, shown_code
from tests.server.rig import (
    Candidate,
    Room,
    code_of,
    photo,
    told,
)
from zhishiyun_protocol.evidence.layout import Source
from zhishiyun_protocol.messages.evidence import Receipt
from zhishiyun_protocol.messages.phone import PhoneBound, PhoneWish
from zhishiyun_protocol.signing import SigningKey, from_text, to_text
from zhishiyun_server.keep import binding

pytestmark = pytest.mark.both_databases


@pytest.fixture
def candidate(here: Room) -> Candidate:
    here.clock.to(-320)
    return here.candidate().log_in().get_ready()


@pytest.fixture
def phone(here: Room, candidate: Candidate) -> Phone:
    return bound_phone(here, candidate)


# ── binding ──────────────────────────────────────────────────────────────


def test_binding_a_phone_is_news_at_once(here: Room, candidate: Candidate) -> None:  # R060–R062
    old, code = shown_code(candidate), shown_code(candidate)
    first, other = Phone(here.client), Phone(here.client)

    dead = first.try_bind(old.code)
    bound = first.try_bind(secret=code.url.split("#")[1])
    used = other.try_bind(code.code)
    state = candidate.sitting().phone

    assert code_of(dead) == code_of(used) == (403, "BINDING_WRONG")
    assert told(bound, PhoneBound, 201).recording_id == f"{candidate.attempt_id}-p1"
    assert (state.bound, state.name) == (True, "Pixel")
    assert phone_news(candidate) == 1
    assert code.code.isdigit()
    assert len(code.code) == 10


def test_a_typed_code_may_be_grouped_and_dies_after_five_minutes(
    here: Room, candidate: Candidate
) -> None:
    code = shown_code(candidate)
    grouped = f"{code.code[:3]} {code.code[3:6]}-{code.code[6:]}"
    here.clock.us = code.expires_us
    late = Phone(here.client).try_bind(grouped)
    here.clock.us = code.expires_us - 1

    in_time = Phone(here.client).try_bind(grouped)

    assert (late.status_code, in_time.status_code) == (403, 201)


def test_who_does_not_hold_the_key_binds_nothing(here: Room, candidate: Candidate) -> None:
    code, phone = shown_code(candidate), Phone(here.client)
    foreign = to_text(SigningKey.generate().public_bytes())

    answers = [
        phone.try_bind(code.code, device_key=foreign),
        phone.try_bind(code.code, proof="AAAA"),
        phone.try_bind(code.code, device_key="?"),
        phone.try_bind(),
    ]

    assert [code_of(each)[1] for each in answers] == [*["PROOF_WRONG"] * 3, "BINDING_WRONG"]
    assert phone.try_bind(code.code).status_code == 201


def test_a_lost_answer_is_given_again_to_the_same_phone(here: Room, candidate: Candidate) -> None:
    code, phone = shown_code(candidate), Phone(here.client)
    lost = told(phone.try_bind(code.code), PhoneBound, 201)

    phone.bound = told(phone.try_bind(code.code), PhoneBound, 201)

    assert phone.bound.recording_id == lost.recording_id
    assert phone.bound.evidence_key == lost.evidence_key
    assert phone.say().bound
    assert code_of(phone.post("status", {}, lost.token)) == (401, "PHONE_UNKNOWN")


def test_a_phone_that_is_bound_again_goes_on_with_its_own_recording(
    here: Room, candidate: Candidate, phone: Phone
) -> None:  # R063
    before = phone.bound
    scribe, pieces = film(phone, here.clock.us)
    phone.send_all(pieces[:1])

    phone.bind(candidate)
    phone.send_all(pieces[1:])

    assert phone.bound.recording_id == before.recording_id
    assert told(phone.seal(scribe.seal()), Receipt).body.complete


def test_what_the_phone_is_told_fits_the_exam(here: Room, candidate: Candidate) -> None:
    bound = bound_phone(here, candidate).bound
    sitting = candidate.sitting()

    assert bound.plan_sha256 == sitting.plan.sha256()
    assert (bound.sweep, bound.facing, bound.formal) == (True, "user", True)
    assert bound.most_recording_s == 320 + 600
    assert bound.needed_bytes == round(920 * bound.most_kbps * 125 * 1.5)
    assert len(from_text(bound.evidence_key)) == 32


# ── its recording ────────────────────────────────────────────────────────


def test_a_phones_recording_earns_a_receipt_of_equal_rank(
    here: Room, candidate: Candidate, phone: Phone
) -> None:
    log = plain_log(candidate, candidate.enter())
    send(candidate, log)
    candidate.seal(log.seal())
    scribe, pieces = film(phone, here.clock.us)
    phone.send_all(pieces)

    receipt = told(phone.seal(scribe.seal()), Receipt)

    body = receipt.body
    assert receipt.is_genuine(from_text(phone.bound.server_key))
    assert (body.attempt_id, body.complete, body.late) == (phone.bound.recording_id, True, False)
    assert (body.formal, body.gaps, body.sha256) == (True, 1, scribe.sha256)
    (coverage,) = body.coverage
    assert (coverage.track, coverage.seconds, coverage.covered) == ("phone", 7, 5)
    assert coverage.missing == ((3, 5),)
    assert phone.receipt() == receipt == told(phone.seal(scribe.seal()), Receipt)
    assert candidate.receipt().body.attempt_id == candidate.attempt_id
    assert candidate.sitting().phone.complete
    assert line_of(here, candidate).phone.complete


def test_a_phone_records_before_the_candidate_has_entered(here: Room, phone: Phone) -> None:
    scribe, pieces = film(phone, here.clock.us, seconds=1)

    phone.send_all(pieces)

    assert phone.held().ranges == ((0, scribe.length),)


def test_a_phone_reaches_nothing_but_its_own_recording(
    here: Room, candidate: Candidate, phone: Phone
) -> None:
    here.clock.to(-320)
    candidate.enter()
    other = here.candidate(1).log_in().get_ready()
    stranger = bound_phone(here, other)
    first, data = film(phone, here.clock.us)[1][0]
    mine, theirs = phone.bound.recording_id, stranger.bound.recording_id

    foreign = [
        code_of(stranger.put(first, data, name=mine)),
        code_of(stranger.put(first, data, name=candidate.attempt_id)),
        code_of(phone.put(first, data, name=theirs)),
    ]
    by_computer = here.client.put(
        f"/v1/evidence/{mine}/0", content=data, headers={**candidate.bearer}
    )
    seats = [here.client.get(path, headers=phone.bearer) for path in ("/v1/me", "/v1/me/evidence")]

    assert foreign == [(404, "NOT_FOUND")] * 3
    assert code_of(by_computer) == (404, "NOT_FOUND")
    assert [code_of(seat) for seat in seats] == [(401, "SESSION_UNKNOWN")] * 2
    assert phone.put(first, data).status_code == 201
    assert phone.put(first, data).status_code == 200


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"source": Source.COMPUTER}, "LOG_OF_ANOTHER_ATTEMPT"),
        ({"source": msgspec.UNSET}, "LOG_OF_ANOTHER_ATTEMPT"),
        ({"plan_sha256": "0" * 64}, "LOG_OF_ANOTHER_ATTEMPT"),
        ({"key_check": "0" * 16}, "LOG_WRONG_KEY"),
    ],
)
def test_a_log_that_is_not_this_phones_earns_no_receipt(
    here: Room, phone: Phone, change: dict[str, object], fault: str
) -> None:
    scribe, pieces = film(phone, here.clock.us, seconds=1, **change)
    phone.send_all(pieces)

    answer = phone.seal(scribe.seal())

    assert code_of(answer) == (422, "SEAL_WRONG")
    assert fault in answer.json()["message"]


def test_what_is_altered_on_its_way_is_not_kept(here: Room, phone: Phone) -> None:
    first, data = film(phone, here.clock.us)[1][0]
    digest = hashlib.sha256(b"other").digest()

    answers = [
        phone.put(first, data, **{"If-None-Match": ""}),
        phone.put(first, data + b"?", **{"Content-Digest": f"sha-256=:{_base64(digest)}:"}),
    ]

    assert [code_of(each)[1] for each in answers] == ["PRECONDITION_MISSING", "DIGEST_WRONG"]
    assert phone.held().ranges == ()


def test_other_bytes_for_a_phones_place_are_an_alarm_of_its_own(
    here: Room, candidate: Candidate, phone: Phone
) -> None:
    first, data = film(phone, here.clock.us)[1][0]
    phone.send(first, data)

    assert code_of(phone.put(first, b"other bytes")) == (409, "EVIDENCE_CONFLICT")
    assert line_of(here, candidate).alarms == ("EVIDENCE_CONFLICT",)


def test_a_head_that_a_phone_committed_to_binds_it(here: Room, phone: Phone) -> None:
    scribe, pieces = film(phone, here.clock.us)
    ahead = scribe.head()
    phone.send_all(pieces)
    scribe.add_json(*_mark("placed"))
    phone.say(phase="recording", head=scribe.head())

    answer = phone.seal(
        msgspec.structs.replace(
            scribe.seal(), length=ahead.length, records=ahead.records, head=ahead.head
        )
    )

    assert code_of(answer) == (422, "SEAL_WRONG")
    assert "LOG_CUT_SHORT" in answer.json()["message"]


def test_what_staff_want_of_a_phone_comes_again(
    here: Room, candidate: Candidate, phone: Phone
) -> None:  # R188
    scribe, pieces = film(phone, here.clock.us)
    phone.send_all(pieces)
    phone.seal(scribe.seal())
    path = f"/v1/staff/candidates/{candidate.attempt_id}/reupload"
    asked = {"ranges": [[0, 10]], "reason": "x", "recording_id": phone.bound.recording_id}

    answer = here.staff("technician").call("POST", path, json=asked)
    wanted = phone.held().wanted
    wishes = phone.say(phase="done").wanted
    phone.send(*pieces[0])

    assert answer.status_code == 200
    assert wanted == ((0, len(pieces[0][1])),)
    assert wishes == (PhoneWish.EVIDENCE,)
    assert phone.held().wanted == ()
    foreign = {**asked, "recording_id": "at-none-p1"}
    assert here.staff("technician").call("POST", path, json=foreign).status_code == 404


# ── a second phone ───────────────────────────────────────────────────────


def test_a_new_phone_ends_the_older_one_and_loses_nothing_of_it(
    here: Room, candidate: Candidate
) -> None:  # R063
    old = bound_phone(here, candidate, "old")
    scribe, pieces = film(old, here.clock.us)
    old.say(phase="recording", log_bytes=scribe.length, waiting_bytes=scribe.length)
    old.send_all(pieces[:1])
    new = bound_phone(here, candidate, "new")

    ended, fresh = old.say(phase="recording", log_bytes=scribe.length), new.say(phase="placing")
    between = candidate.sitting().phone
    old.send_all(pieces[1:])
    receipt = told(old.seal(scribe.seal()), Receipt)
    after = candidate.sitting().phone

    assert (ended.ended, fresh.ended) == (True, False)
    assert new.bound.recording_id == f"{candidate.attempt_id}-p2"
    assert new.bound.evidence_key != old.bound.evidence_key
    assert (between.name, between.parts, between.parts_missing) == ("new", 1, 1)
    assert between.missing_bytes == scribe.length - len(pieces[0][1])
    assert receipt.body.complete
    assert (after.parts_missing, after.complete) == (0, True)
    assert code_of(old.show(photo())) == (401, "PHONE_UNKNOWN")


def test_phones_are_not_bound_without_end(
    here: Room, candidate: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binding, "MOST_PHONES", 2)
    phones = [bound_phone(here, candidate) for _ in range(2)]

    third = Phone(here.client).try_bind(shown_code(candidate).code)

    assert code_of(third) == (409, "PHONES_TOO_MANY")
    assert phones[1].say(phase="recording").ended is False  # who was refused ended nobody


def test_thirty_days_after_the_exam_a_phone_is_forgotten(here: Room, phone: Phone) -> None:
    here.clock.to(40 * 86_400)

    assert code_of(phone.get("evidence")) == (401, "PHONE_UNKNOWN")


def _base64(raw: bytes) -> str:
    import base64

    return base64.b64encode(raw).decode()


def _mark(what: str):
    from zhishiyun_protocol.evidence.contents import Mark
    from zhishiyun_protocol.evidence.layout import Kind

    return Kind.MARK, Mark(what=what), 9_000_000
