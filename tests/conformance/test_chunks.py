"""The contract of chunks and grants (docs/wire.md), against every store."""

from __future__ import annotations

import hashlib
import time
from dataclasses import replace

import msgspec
import pytest

from tests.conformance.desk import Desk, Verdict
from tests.server.rig import code_of
from zhishiyun_protocol.messages.evidence import Grant
from zhishiyun_server.evidence.bucket import Bucket
from zhishiyun_server.evidence.store_shelf import StoreShelf
from zhishiyun_server.keep.store_place import read_place

DATA = bytes(range(256)) * 8
ALTERED = b"?" + DATA[1:]
HOUR_S = 3600
KEPT, ALREADY, REFUSED = Verdict.KEPT, Verdict.ALREADY, Verdict.REFUSED


def test_a_granted_chunk_is_kept_and_told(desk: Desk) -> None:
    assert desk.held().ranges == ()

    assert desk.send(0, DATA) is KEPT

    assert desk.held().ranges == ((0, len(DATA)),)


def test_chunks_may_arrive_in_any_order(desk: Desk) -> None:
    grants = [desk.grant(first, DATA) for first in (0, 2048, 4096)]
    for granted in (grants[2], grants[0]):
        assert desk.put(granted, DATA) is KEPT
    before = desk.held().ranges

    assert desk.put(grants[1], DATA) is KEPT

    assert before == ((0, 2048), (4096, 6144))
    assert desk.held().ranges == ((0, 6144),)


def test_the_same_chunk_again_is_already_there(desk: Desk) -> None:
    granted = desk.grant(0, DATA)

    assert [desk.put(granted, DATA) for _ in range(3)] == [KEPT, ALREADY, ALREADY]

    assert desk.held().ranges == ((0, len(DATA)),)
    assert desk.alarms() == []


def test_what_is_held_gets_no_grant(desk: Desk) -> None:
    desk.send(0, DATA)
    desk.held()

    assert desk.grants(desk.offer(0, DATA)) == ()


@pytest.mark.parametrize("other", [ALTERED, DATA[:-1], DATA + b"x", b""])
def test_other_bytes_than_granted_are_refused(desk: Desk, other: bytes) -> None:
    granted = desk.grant(0, DATA)

    assert desk.put(granted, other) is REFUSED

    assert desk.held().ranges == ()
    assert desk.put(granted, DATA) is KEPT


def test_a_wrong_digest_is_refused(desk: Desk) -> None:
    granted = desk.grant(0, DATA)
    foreign = desk.grant(0, ALTERED).headers
    digest = {n: text for n, text in foreign.items() if n in _digest_headers(granted)}

    assert desk.put(granted, ALTERED, **digest) is REFUSED

    assert desk.held().ranges == ()


def test_every_header_that_the_contract_names_is_needed(desk: Desk) -> None:
    granted = desk.grant(0, DATA)
    needed = ["If-None-Match", *_digest_headers(granted)]
    needed += ["X-Grant"] if "X-Grant" in granted.headers else []

    assert {name: desk.put(granted, DATA, without=name) for name in needed} == dict.fromkeys(
        needed, REFUSED
    )
    assert desk.held().ranges == ()


def test_a_grant_holds_for_its_place_only(desk: Desk) -> None:
    granted = desk.grant(0, DATA)
    if granted.url.startswith("/"):
        places = [granted.url[:-1] + "7", granted.url.replace("at-", "at-0")]
    else:
        places = [granted.url.replace("/000000000000000-", "/000000000000007-")]
        places += [granted.url.replace(desk.candidate.attempt_id, "at-00000000000000ff")]

    assert [desk.put(granted, DATA, url=place) for place in places] == [REFUSED, REFUSED]
    assert desk.held().ranges == ()


def test_a_grant_that_was_written_by_somebody_else_is_refused(desk: Desk, kind: str) -> None:
    granted = desk.grant(0, DATA)
    if kind == "folder":
        forged = granted.headers["X-Grant"].split(".")[0] + "." + "A" * 43
        assert desk.put(granted, DATA, **{"X-Grant": forged}) is REFUSED
    else:
        url = granted.url[:-64] + hashlib.sha256(b"guess").hexdigest()
        assert desk.put(granted, DATA, url=url) is REFUSED
    assert desk.held().ranges == ()


def test_an_expired_grant_is_refused(desk: Desk, kind: str) -> None:
    assert desk.put(_expired(desk, kind), DATA) is REFUSED

    assert desk.held().ranges == ()


def test_other_bytes_for_a_place_that_is_held_raise_an_alarm(desk: Desk) -> None:
    desk.send(0, DATA)
    desk.held()

    answer = desk.answer(desk.grant(0, ALTERED), ALTERED)

    assert code_of(answer) == (409, "EVIDENCE_CONFLICT")
    assert desk.held().ranges == ((0, len(DATA)),)
    assert desk.alarms() == ["EVIDENCE_CONFLICT"]


def test_two_that_race_for_one_place_cannot_both_count(desk: Desk) -> None:
    first, second = desk.grant(0, DATA), desk.grant(0, ALTERED)

    desk.put(first, DATA)
    desk.put(second, ALTERED)

    assert desk.held().ranges == ((0, len(DATA)),)
    assert desk.alarms() == ["EVIDENCE_CONFLICT"]


def test_the_same_bytes_cut_otherwise_raise_no_alarm(desk: Desk) -> None:
    whole, head, tail = desk.grant(0, DATA), desk.grant(0, DATA[:500]), desk.grant(500, DATA[500:])

    assert desk.put(whole, DATA) is KEPT
    assert desk.put(head, DATA[:500]) in {KEPT, ALREADY}
    assert desk.put(tail, DATA[500:]) in {KEPT, ALREADY}

    assert desk.held().ranges == ((0, len(DATA)),)
    assert desk.alarms() == []
    assert desk.put(desk.grant(100, DATA[100:200]), DATA[100:200]) is ALREADY


def test_what_would_be_refused_here_is_not_granted_elsewhere(desk: Desk) -> None:
    huge = msgspec.structs.replace(desk.offer(0, DATA), length=9 * 1024 * 1024)
    (granted,) = desk.grants(huge)

    assert granted.url.startswith("/")


def test_nobody_gets_a_grant_that_works_before_the_entry(desk: Desk) -> None:
    other = desk.here.candidate(1).log_in()
    asked = other.post(
        "/v1/me/evidence/grants", {"chunks": [{"first_byte": 0, "length": 4, "sha256": "0" * 64}]}
    )

    assert asked.json()["grants"][0]["url"].startswith("/")


def _digest_headers(granted: Grant) -> list[str]:
    names = {"Content-Digest", "x-amz-checksum-sha256"}
    return sorted(names & set(granted.headers))


def _expired(desk: Desk, kind: str) -> Grant:
    if kind == "folder":
        granted = desk.grant(0, DATA)
        desk.here.clock.us = granted.expires_us
        return granted
    premises = desk.here.premises
    place = read_place(premises.home.store)
    assert place is not None
    bucket = Bucket(place, now_s=lambda: time.time() - HOUR_S)
    shelf = StoreShelf(premises.home.evidence, premises.database, 0, bucket)
    desk.here.client.app.state.premises = replace(premises, shelf=shelf)  # type: ignore[attr-defined]
    granted = desk.grant(0, DATA)
    desk.here.client.app.state.premises = premises  # type: ignore[attr-defined]
    bucket.close()
    return granted
