"""Whole recordings over every store: seal, receipt, film, bundle, and the real uploader."""

from __future__ import annotations

import hashlib
import json
import threading
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.conformance.desk import Desk, Verdict
from tests.conformance.weed import Weed
from tests.server.log_rig import Log, filmed_log, plain_log
from tests.server.rig import Candidate, code_of, make_exam, serving, told, wall_us
from zhishiyun_client.evidence.finished import FinishedLog
from zhishiyun_client.net.evidence_api import EvidenceClient
from zhishiyun_client.net.wire import Wire
from zhishiyun_client.ports.uploading import ReceiptArrived
from zhishiyun_client.upload.pump import Uploader
from zhishiyun_protocol.bundle import BundleLabel, encode_head
from zhishiyun_protocol.messages.evidence import Receipt
from zhishiyun_protocol.signing import from_text
from zhishiyun_server.evidence.bucket import Bucket, digest_of
from zhishiyun_server.evidence.forgetting import forget_due
from zhishiyun_server.keep.home import Home
from zhishiyun_server.keep.store_place import keep_place, read_place

UPLOADED_WITHIN_S = 60.0


def send(desk: Desk, log: Log, about: int = 8000) -> None:
    for first, data in log.chunks(about):
        assert desk.send(first, data) is Verdict.KEPT


def test_a_whole_recording_earns_a_receipt_over_its_very_bytes(desk: Desk) -> None:
    log = plain_log(desk.candidate, desk.entered)
    send(desk, log)

    receipt = told(desk.candidate.seal(log.seal()), Receipt)

    assert receipt.is_genuine(from_text(desk.entered.server_key))
    assert receipt.body.complete
    assert receipt.body.sha256 == hashlib.sha256(log.data).hexdigest()
    assert told(desk.candidate.seal(log.seal()), Receipt) == receipt
    assert desk.alarms() == []


def test_a_seal_with_holes_names_them_and_earns_its_receipt_later(desk: Desk) -> None:
    log = plain_log(desk.candidate, desk.entered)
    pieces = list(log.chunks())
    for first, data in pieces[::2]:
        desk.send(first, data)

    refused = desk.candidate.seal(log.seal())
    for first, data in pieces[1::2]:
        desk.send(first, data)

    assert code_of(refused) == (409, "RANGES_MISSING")
    assert refused.json()["missing"] == [[f, f + len(d)] for f, d in pieces[1::2]]
    assert told(desk.candidate.seal(log.seal()), Receipt).body.complete


def test_a_forged_record_breaks_the_seal(desk: Desk) -> None:
    log = plain_log(desk.candidate, desk.entered)
    log.data[log.boundaries[5] + 90] ^= 1
    send(desk, log)

    answer = desk.candidate.seal(log.seal())

    assert code_of(answer) == (422, "SEAL_WRONG")
    assert desk.alarms() == ["LOG_DAMAGED"]


def test_nothing_is_added_behind_a_seal(desk: Desk) -> None:
    log = plain_log(desk.candidate, desk.entered)
    send(desk, log)
    desk.candidate.seal(log.seal())

    granted = desk.grant(len(log.data), b"more")

    assert code_of(desk.answer(granted, b"more")) == (409, "ALREADY_SEALED")


def test_what_the_store_has_lost_is_asked_for_again(desk: Desk, kind: str) -> None:
    log = plain_log(desk.candidate, desk.entered)
    send(desk, log)
    desk.held()
    first, data = list(log.chunks())[2]
    _lose(desk, kind, first, data)

    refused = desk.candidate.seal(log.seal())
    again = [desk.send(at, piece) for at, piece in log.chunks() if at == first]

    assert code_of(refused) == (409, "RANGES_MISSING")
    assert refused.json()["missing"] == [[first, first + len(data)]]
    assert again == [Verdict.KEPT]
    assert desk.alarms() == ["EVIDENCE_LOST"]
    assert told(desk.candidate.seal(log.seal()), Receipt).body.complete


def test_what_staff_want_again_comes_again_and_heals(desk: Desk, kind: str) -> None:  # R188
    log = plain_log(desk.candidate, desk.entered)
    send(desk, log)
    first, data = list(log.chunks())[1]
    desk.held()
    _damage(desk, kind, first, data)
    wanted = {"ranges": [[first + 1, first + 2]], "reason": "unreadable"}
    path = f"/v1/staff/candidates/{desk.candidate.attempt_id}/reupload"
    asked = desk.here.staff("technician").call("POST", path, json=wanted)

    before = desk.held().wanted
    answer = desk.send(first, data)

    assert asked.status_code == 200
    assert before == ((first, first + len(data)),)
    assert answer in {Verdict.KEPT, Verdict.ALREADY}
    assert desk.held().wanted == ()
    receipt = told(desk.candidate.seal(log.seal()), Receipt)
    assert receipt.body.sha256 == hashlib.sha256(log.data).hexdigest()


def test_a_film_is_exported_from_where_the_evidence_lies(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = filmed_log(desk.candidate, desk.entered)
    send(desk, log)
    desk.candidate.seal(log.seal())
    capsys.readouterr()

    code = desk.here.exam.run(
        "export", "--attempt", desk.candidate.attempt_id, "--out", str(tmp_path / "films"), "--json"
    )

    (exported,) = json.loads(capsys.readouterr().out)
    folder = Path(exported["folder"])
    timeline = json.loads((folder / "timeline.json").read_text())
    assert code == 0
    assert sorted(path.suffix for path in folder.iterdir()) == [".json", ".mp4", ".mp4"]
    assert exported["complete"]
    assert timeline["log"]["sha256"] == hashlib.sha256(log.data).hexdigest()


def test_a_bundle_adds_what_is_missing_and_compares_what_is_there(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:  # R190
    log = plain_log(desk.candidate, desk.entered)
    for first, data in list(log.chunks())[::3]:
        desk.send(first, data)
    head = encode_head(BundleLabel(attempt_id=desk.candidate.attempt_id, seal=log.seal()))
    path = tmp_path / "stick.zsybundle"
    path.write_bytes(head + log.data + hashlib.sha256(head + log.data).digest())
    capsys.readouterr()

    code = desk.here.exam.run("import-bundle", str(path), "--json")

    imported = json.loads(capsys.readouterr().out)
    assert code == 0
    assert imported["body"]["complete"]
    assert imported["body"]["sha256"] == hashlib.sha256(log.data).hexdigest()
    assert desk.candidate.receipt().body.sha256 == imported["body"]["sha256"]


def test_the_real_uploader_knows_no_difference(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    exam = make_exam(tmp_path, starts_at="+300", count=1)
    if kind == "bucket":
        running: Weed = request.getfixturevalue("store")
        keep_place(Home(exam.home).store, running.place())
    with serving(exam) as server, httpx.Client(base_url=server.url) as http:
        candidate = Candidate(http, exam.tickets(server.url)[0], wall_us).log_in().get_ready()
        granted = candidate.enter()
        log = plain_log(candidate, granted, packets=2000)
        path = tmp_path / f"{granted.attempt_id}.zlog"
        path.write_bytes(log.data)

        receipt = _upload(server.url, candidate, log, path, from_text(granted.server_key))
        kept_here = list((exam.home / "evidence").glob("*/*.chunk"))

    assert receipt.body.sha256 == hashlib.sha256(log.data).hexdigest()
    assert bool(kept_here) == (kind == "folder")


def _upload(url: str, candidate: Candidate, log: Log, path: Path, key: bytes) -> Receipt:
    wire = Wire(url)
    said: list[Receipt] = []
    done = threading.Event()

    def hear(report: object) -> None:
        if isinstance(report, ReceiptArrived):
            said.append(report.receipt)
            done.set()

    api = EvidenceClient(wire, candidate.session)
    uploader = Uploader(FinishedLog(path, len(log.data)), api, hear, server_key=key)
    uploader.finish(log.seal())
    uploader.start()
    try:
        assert done.wait(UPLOADED_WITHIN_S), "there was no receipt"
    finally:
        uploader.stop(30)
        wire.close()
    return said[0]


def _name(desk: Desk, first: int, data: bytes) -> str:
    return f"{desk.candidate.attempt_id}/{first:015d}-{digest_of(data)}.chunk"


def _bucket(desk: Desk) -> Bucket:
    place = read_place(desk.here.premises.home.store)
    assert place is not None
    return Bucket(place)


def _lose(desk: Desk, kind: str, first: int, data: bytes) -> None:
    if kind == "folder":
        (desk.here.premises.home.evidence / _name(desk, first, data)).unlink()
        return
    bucket = _bucket(desk)
    bucket.remove(_name(desk, first, data))
    bucket.close()


def _damage(desk: Desk, kind: str, first: int, data: bytes) -> None:
    other = b"?" * len(data)
    if kind == "folder":
        (desk.here.premises.home.evidence / _name(desk, first, data)).write_bytes(other)
        return
    bucket = _bucket(desk)
    bucket.put_over(_name(desk, first, data), other, digest_of(other))
    bucket.close()


def test_when_its_time_is_over_nothing_is_left_in_either_store(desk: Desk) -> None:  # R226
    log = plain_log(desk.candidate, desk.entered)
    send(desk, log)
    assert desk.candidate.seal(log.seal()).status_code == 200
    premises = desk.here.premises
    desk.here.clock.to(200 * 86_400)

    (done,) = [
        each
        for each in forget_due(premises, desk.here.clock.now_us())
        if each.deletion.attempt_id == desk.candidate.attempt_id
    ]

    assert done.deletion.evidence_bytes == len(log.data)
    place = read_place(premises.home.store)
    if place is not None:
        with closing(Bucket(place)) as bucket:
            assert list(bucket.listing(f"{desk.candidate.attempt_id}/")) == []
    assert list(premises.home.evidence.iterdir()) == []
