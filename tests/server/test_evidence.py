"""Chunks, seals and receipts: acknowledged means durable, and nothing is taken twice or altered."""

from __future__ import annotations

import base64
import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from tests.server.log_rig import Log, filmed_log, new_log, plain_log, send
from tests.server.rig import LENIENT, Candidate, ExamHome, Room, chunk_headers, code_of, room, told
from zhishiyun_protocol.evidence.layout import Kind
from zhishiyun_protocol.messages.evidence import (
    ChunkKept,
    ChunkOffer,
    GrantRequest,
    Grants,
    Held,
    Receipt,
)
from zhishiyun_protocol.messages.sitting import EntryGranted
from zhishiyun_protocol.signing import from_text

pytestmark = pytest.mark.both_databases


@pytest.fixture
def entered(here: Room) -> tuple[Candidate, EntryGranted]:
    here.clock.to(-320)
    candidate = here.candidate().log_in().get_ready()
    return candidate, candidate.enter()


def held(candidate: Candidate) -> Held:
    return told(candidate.get("/v1/me/evidence"), Held)


def alarms(here: Room) -> list[str]:
    lines = (
        here.staff("supervisor")
        .call("GET", f"/v1/staff/exams/{here.exam.exam_id}/candidates")
        .json()
    )
    return [code for line in lines for code in line["alarms"]]


def test_a_whole_recording_earns_a_genuine_receipt(
    here: Room, entered: tuple[Candidate, EntryGranted]
) -> None:
    candidate, granted = entered
    log = filmed_log(candidate, granted)
    send(candidate, log)

    receipt = told(candidate.seal(log.seal()), Receipt)

    body = receipt.body
    assert receipt.is_genuine(from_text(granted.server_key))
    assert (body.complete, body.late, body.formal, body.gaps) == (True, False, True, 1)
    assert body.sha256 == hashlib.sha256(log.data).hexdigest()
    assert body.coverage[0].seconds == 5
    assert candidate.receipt() == receipt
    assert candidate.sitting().sealed
    assert told(candidate.seal(log.seal()), Receipt) == receipt


def test_a_receipt_that_was_altered_is_not_genuine(
    entered: tuple[Candidate, EntryGranted],
) -> None:
    candidate, granted = entered
    log = plain_log(candidate, granted)
    send(candidate, log)
    receipt = told(candidate.seal(log.seal()), Receipt)

    forged = msgspec.structs.replace(
        receipt, body=msgspec.structs.replace(receipt.body, gaps=0, late=True)
    )

    assert not forged.is_genuine(from_text(granted.server_key))


def test_the_same_chunk_again_is_already_there(entered: tuple[Candidate, EntryGranted]) -> None:
    candidate, _ = entered

    first = told(candidate.put(0, b"x" * 1000), ChunkKept, 201)
    again = told(candidate.put(0, b"x" * 1000), ChunkKept, 200)

    assert (first.already, again.already) == (False, True)
    assert held(candidate).ranges == ((0, 1000),)


@pytest.mark.parametrize(
    ("first", "length"), [(0, 1000), (0, 500), (500, 1000), (999, 1), (0, 3000)]
)
def test_other_bytes_for_a_place_raise_an_alarm(
    here: Room, entered: tuple[Candidate, EntryGranted], first: int, length: int
) -> None:
    candidate, _ = entered
    candidate.put(0, b"x" * 1000)

    answer = candidate.put(first, b"y" * length)

    assert code_of(answer) == (409, "EVIDENCE_CONFLICT")
    assert held(candidate).ranges == ((0, 1000),)
    assert alarms(here) == ["EVIDENCE_CONFLICT"]


def test_the_same_bytes_cut_otherwise_are_welcome(
    here: Room, entered: tuple[Candidate, EntryGranted]
) -> None:
    candidate, _ = entered
    data = bytes(range(250)) * 8
    candidate.put(0, data[:1000])
    candidate.put(1000, data[1000:])

    answer = candidate.put(500, data[500:1500])

    assert told(answer, ChunkKept, 200).already
    assert alarms(here) == []


def test_what_is_not_as_told_is_not_kept(entered: tuple[Candidate, EntryGranted]) -> None:
    candidate, _ = entered
    data = b"x" * 1000
    other = chunk_headers(b"y" * 1000)["Content-Digest"]
    bearer = candidate.bearer

    def put(content: bytes = data, **headers: str) -> tuple[int, str]:
        return code_of(candidate.put(0, content, **headers))

    assert put(**{"Content-Digest": other}) == (400, "DIGEST_WRONG")
    assert put(**{"Content-Digest": "md5=:AA==:"}) == (400, "DIGEST_MISSING")
    assert put(**{"If-None-Match": '"abc"'}) == (428, "PRECONDITION_MISSING")
    assert put(b"") == (400, "CHUNK_EMPTY")
    assert put(b"x" * (9 * 1024 * 1024)) == (413, "CHUNK_TOO_LARGE")
    without = candidate.http.put(
        f"/v1/evidence/{candidate.attempt_id}/0",
        content=iter([data]),
        headers={**bearer, **chunk_headers(data)},
    )
    assert code_of(without) == (411, "LENGTH_MISSING")
    assert held(candidate).ranges == ()


def test_nothing_torn_is_left_in_the_folder(
    here: Room, entered: tuple[Candidate, EntryGranted]
) -> None:
    candidate, _ = entered
    candidate.put(0, b"x" * 10, **{"Content-Digest": chunk_headers(b"y")["Content-Digest"]})
    candidate.put(0, b"x" * 10)

    files = list((here.exam.home / "evidence" / candidate.attempt_id).iterdir())

    assert [path.suffix for path in files] == [".chunk"]


def test_a_recording_begins_with_the_entry(here: Room) -> None:
    candidate = here.candidate().log_in()

    assert code_of(candidate.put(0, b"x")) == (403, "NOT_ENTERED")


def test_the_attempts_size_is_limited(exam: ExamHome) -> None:
    with room(exam, replace(LENIENT, attempt_bytes=5000), at_s=-320) as here:
        candidate = here.candidate().log_in().get_ready()
        candidate.enter()

        assert candidate.put(4000, b"x" * 1000).status_code == 201
        assert code_of(candidate.put(5000, b"x")) == (413, "QUOTA_USED")


def test_a_full_disk_acknowledges_nothing(exam: ExamHome) -> None:
    with room(exam, replace(LENIENT, reserve_bytes=1 << 60), at_s=-320) as here:
        candidate = here.candidate().log_in().get_ready()
        candidate.enter()

        answer = candidate.put(0, b"x" * 1000)

        assert code_of(answer) == (507, "DISK_FULL")
        assert answer.headers["retry-after"] == "30"
        assert held(candidate).ranges == ()


def test_a_grant_carries_its_own_authority(entered: tuple[Candidate, EntryGranted]) -> None:
    candidate, _ = entered
    data = b"granted" * 100
    offer = ChunkOffer(first_byte=0, length=len(data), sha256=hashlib.sha256(data).hexdigest())
    request = GrantRequest(chunks=(offer,))
    (grant,) = told(candidate.post("/v1/me/evidence/grants", request), Grants).grants

    kept = candidate.http.put(grant.url, content=data, headers=grant.headers)
    again = told(candidate.post("/v1/me/evidence/grants", request), Grants)

    assert told(kept, ChunkKept, 201).length == len(data)
    assert again.grants == ()


def test_a_grant_fits_only_its_chunk_and_its_time(
    here: Room, entered: tuple[Candidate, EntryGranted]
) -> None:
    candidate, _ = entered
    data = b"granted" * 100
    offer = ChunkOffer(first_byte=0, length=len(data), sha256=hashlib.sha256(data).hexdigest())
    (grant,) = told(
        candidate.post("/v1/me/evidence/grants", GrantRequest(chunks=(offer,))), Grants
    ).grants
    other = {**grant.headers, "Content-Digest": chunk_headers(b"z" * len(data))["Content-Digest"]}
    broken = {**grant.headers, "X-Grant": grant.headers["X-Grant"][:-4] + "AAAA"}

    def put(url: str, content: bytes, headers: dict[str, str]) -> tuple[int, str]:
        return code_of(candidate.http.put(url, content=content, headers=headers))

    assert put(grant.url, b"z" * len(data), other) == (403, "GRANT_WRONG")
    assert put(grant.url[:-1] + "7", data, grant.headers) == (403, "GRANT_WRONG")
    assert put(grant.url, data, broken) == (403, "GRANT_WRONG")
    here.clock.us = grant.expires_us
    assert put(grant.url, data, grant.headers) == (403, "GRANT_WRONG")


def test_a_seal_names_what_is_missing(entered: tuple[Candidate, EntryGranted]) -> None:
    candidate, granted = entered
    log = plain_log(candidate, granted)
    pieces = list(log.chunks())
    for first, data in pieces[::2]:
        candidate.put(first, data)

    answer = candidate.seal(log.seal())

    assert code_of(answer) == (409, "RANGES_MISSING")
    assert answer.json()["missing"] == [[f, f + len(d)] for f, d in pieces[1::2]]
    assert code_of(candidate.get("/v1/me/receipt")) == (404, "NO_RECEIPT")


def test_another_seal_after_the_receipt_is_refused(
    entered: tuple[Candidate, EntryGranted],
) -> None:
    candidate, granted = entered
    log = plain_log(candidate, granted)
    send(candidate, log)
    candidate.seal(log.seal())

    other = msgspec.structs.replace(log.seal(), last_run=2)

    assert code_of(candidate.seal(other)) == (409, "ALREADY_SEALED")


def test_nothing_is_added_behind_a_seal(entered: tuple[Candidate, EntryGranted]) -> None:
    candidate, granted = entered
    log = plain_log(candidate, granted)
    send(candidate, log)
    candidate.seal(log.seal())

    behind = candidate.put(len(log.data), b"more")
    inside = candidate.put(0, bytes(log.data[:1000]))

    assert code_of(behind) == (409, "ALREADY_SEALED")
    assert inside.status_code == 200


def test_a_recording_that_was_not_ended_is_not_complete(
    entered: tuple[Candidate, EntryGranted],
) -> None:
    candidate, granted = entered
    log = new_log(candidate, granted)
    log.add(Kind.PACKET, b"picture")
    log.checkpoint()
    send(candidate, log)

    receipt = told(candidate.seal(log.seal()), Receipt)

    assert not receipt.body.complete


def test_a_record_that_was_altered_breaks_the_seal(
    here: Room, entered: tuple[Candidate, EntryGranted]
) -> None:
    candidate, granted = entered
    log = plain_log(candidate, granted)
    log.data[log.boundaries[5] + 90] ^= 1
    send(candidate, log)

    answer = candidate.seal(log.seal())

    assert code_of(answer) == (422, "SEAL_WRONG")
    assert "LOG_DAMAGED" in answer.json()["message"]
    assert alarms(here) == ["LOG_DAMAGED"]


def test_a_record_that_was_cut_out_breaks_the_seal(
    entered: tuple[Candidate, EntryGranted],
) -> None:
    candidate, granted = entered
    log = plain_log(candidate, granted)
    del log.data[log.boundaries[5] : log.boundaries[6]]
    log.boundaries = [len(log.data)]
    send(candidate, log)

    answer = candidate.seal(log.seal())

    assert code_of(answer) == (422, "SEAL_WRONG")
    assert "LOG_CHAIN_BROKEN" in answer.json()["message"]


@pytest.mark.parametrize(
    "changes",
    [{"attempt_id": "at-ffffffffffffffff"}, {"plan_sha256": "0" * 64}, {"exam_id": "else"}],
)
def test_a_foreign_log_earns_no_receipt(
    here: Room, entered: tuple[Candidate, EntryGranted], changes: dict[str, str]
) -> None:
    candidate, granted = entered
    log = plain_log(candidate, granted, **changes)
    send(candidate, log)

    answer = candidate.seal(log.seal())

    assert code_of(answer) == (422, "SEAL_WRONG")
    assert "LOG_OF_ANOTHER_ATTEMPT" in answer.json()["message"]


def test_bytes_that_are_no_log_earn_no_receipt(
    entered: tuple[Candidate, EntryGranted],
) -> None:
    candidate, granted = entered
    log = plain_log(candidate, granted)
    log.data[:8] = b"NOTALOG!"
    send(candidate, log)

    answer = candidate.seal(log.seal())

    assert code_of(answer) == (422, "SEAL_WRONG")
    assert "LOG_FOREIGN" in answer.json()["message"]


def test_a_seal_that_says_something_else_is_refused(
    entered: tuple[Candidate, EntryGranted],
) -> None:
    candidate, granted = entered
    log = plain_log(candidate, granted)
    send(candidate, log)

    other = msgspec.structs.replace(log.seal(), head="0" * 64)

    assert code_of(candidate.seal(other)) == (422, "SEAL_WRONG")


@pytest.mark.parametrize(("at_s", "late"), [(600 + 3600, False), (600 + 3600.001, True)])
def test_a_receipt_after_the_deadline_says_late(
    here: Room, entered: tuple[Candidate, EntryGranted], at_s: float, late: bool
) -> None:  # R186, F39
    candidate, granted = entered
    log = plain_log(candidate, granted)
    send(candidate, log)
    here.clock.to(at_s)

    assert told(candidate.seal(log.seal()), Receipt).body.late is late


def test_demonstration_devices_make_an_attempt_not_formal(
    entered: tuple[Candidate, EntryGranted],
) -> None:
    candidate, granted = entered
    log = new_log(candidate, granted)
    stream = {"container": "mpegts", "codec": "h264", "encoder": "x", "demonstration": True}
    log.add_json(Kind.STREAM, stream)
    log.end()
    send(candidate, log)

    assert told(candidate.seal(log.seal()), Receipt).body.formal is False


def test_a_committed_head_holds_the_log_to_its_word(
    here: Room, entered: tuple[Candidate, EntryGranted]
) -> None:
    candidate, granted = entered
    shown, hidden = (_short(candidate, granted, text) for text in (b"shown", b"hidden"))
    committed = candidate.beat(head=hidden.head()).committed
    shown.end()
    send(candidate, shown)

    answer = candidate.seal(shown.seal())

    assert committed == 1
    assert code_of(answer) == (422, "SEAL_WRONG")
    assert "LOG_FORKED" in answer.json()["message"]


def test_a_tail_that_was_committed_cannot_be_left_out(
    here: Room, entered: tuple[Candidate, EntryGranted]
) -> None:
    candidate, granted = entered
    log = plain_log(candidate, granted)
    sealed, whole = log.seal(), bytes(log.data)
    log.add(Kind.CHECKPOINT, b"{}")
    candidate.beat(head=log.head())
    for first, data in log.chunks():
        candidate.put(first, data[: max(0, len(whole) - first)])

    answer = candidate.seal(sealed)

    assert code_of(answer) == (422, "SEAL_WRONG")
    assert "LOG_CUT_SHORT" in answer.json()["message"]
    assert alarms(here) == ["LOG_CUT_SHORT"]


def test_a_forged_head_is_not_committed(
    here: Room, entered: tuple[Candidate, EntryGranted]
) -> None:
    candidate, granted = entered
    genuine = _short(candidate, granted, b"x").head()
    other_place = msgspec.structs.replace(genuine, records=9)
    no_signature = msgspec.structs.replace(genuine, signature="?!")

    assert candidate.beat(head=other_place).committed == 0
    assert candidate.beat(head=no_signature).committed == 0
    assert alarms(here) == ["HEAD_FORGED"]


def test_the_same_chunk_from_many_sides_at_once_is_kept_once(exam: ExamHome) -> None:
    with room(exam, at_s=-320) as here:
        candidate = here.candidate().log_in().get_ready()
        candidate.enter()
        data = b"z" * 200_000

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: candidate.put(0, data).status_code, range(8)))

        folder = here.exam.home / "evidence" / candidate.attempt_id
        assert set(answers) <= {200, 201}
        assert answers.count(201) == 1
        assert len(list(folder.iterdir())) == 1


def test_a_reupload_is_asked_for_and_satisfied(
    here: Room, entered: tuple[Candidate, EntryGranted]
) -> None:  # R188
    candidate, granted = entered
    log = plain_log(candidate, granted)
    send(candidate, log)
    pieces = list(log.chunks())
    first, data = pieces[1]
    technician = here.staff("technician")

    technician.call(
        "POST",
        f"/v1/staff/candidates/{candidate.attempt_id}/reupload",
        json={"ranges": [[first + 10, first + 20]], "reason": "cannot be played"},
    )
    wanted = held(candidate).wanted
    refused = candidate.seal(log.seal())
    again = candidate.put(first, data)

    assert wanted == ((first, first + len(data)),)
    assert code_of(refused) == (409, "RANGES_MISSING")
    assert again.status_code == 200
    assert held(candidate).wanted == ()
    assert candidate.seal(log.seal()).status_code == 200


def test_after_a_restart_folder_and_rows_agree_again(exam: ExamHome) -> None:
    with room(exam, at_s=-320) as here:
        candidate = here.candidate().log_in().get_ready()
        log = plain_log(candidate, candidate.enter())
        send(candidate, log)
        folder = here.exam.home / "evidence" / candidate.attempt_id
    pieces = list(log.chunks())
    files = sorted(folder.iterdir())
    files[0].unlink()  # acknowledged, and lost by the disk
    (folder / ".abc.part").write_bytes(b"torn")
    unacknowledged = b"w" * 100
    _lay(folder, 5_000_000, unacknowledged)
    (folder / f"{6_000_000:015d}-{'0' * 64}.chunk").write_bytes(b"not what its name says")

    with room(exam, at_s=-100) as here:
        candidate.http = here.client
        ranges = held(candidate).ranges
        told_alarms = alarms(here)
        first, data = pieces[0]
        again = candidate.put(first, data)

    assert ranges == ((len(pieces[0][1]), len(log.data)), (5_000_000, 5_000_100))
    assert told_alarms == ["EVIDENCE_LOST"]
    assert again.status_code == 201
    assert not list(folder.glob(".*"))
    assert len(list(folder.iterdir())) == len(pieces) + 1


def test_a_follower_is_rebuilt_from_the_folder(exam: ExamHome) -> None:
    with room(exam, at_s=-320) as here:
        candidate = here.candidate().log_in().get_ready()
        log = plain_log(candidate, candidate.enter())
        for first, data in list(log.chunks())[:-1]:
            candidate.put(first, data)

    with room(exam, at_s=-100) as here:
        candidate.http = here.client
        first, data = list(log.chunks())[-1]
        candidate.put(first, data)

        assert told(candidate.seal(log.seal()), Receipt).body.complete


def test_a_digest_header_may_name_several(entered: tuple[Candidate, EntryGranted]) -> None:
    candidate, _ = entered
    digest = base64.b64encode(hashlib.sha256(b"x").digest()).decode()

    answer = candidate.put(0, b"x", **{"Content-Digest": f"sha-512=:AAAA:, sha-256=:{digest}:"})

    assert answer.status_code == 201


def _short(candidate: Candidate, granted: EntryGranted, text: bytes) -> Log:
    log = new_log(candidate, granted)
    log.add(Kind.PACKET, text)
    return log


def _lay(folder: Path, first: int, data: bytes) -> None:
    name = f"{first:015d}-{hashlib.sha256(data).hexdigest()}.chunk"
    (folder / name).write_bytes(data)
