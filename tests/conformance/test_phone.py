"""A phone's recording in both stores: kept, sealed, healed, taken in and forgotten alike."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from tests.conformance.desk import Desk
from tests.server.log_rig import plain_log, send
from tests.server.phone_rig import Phone, bound_phone, film
from tests.server.rig import code_of, told
from zhishiyun_protocol.bundle import BundleLabel, encode_head
from zhishiyun_protocol.errors import ZhishiyunError
from zhishiyun_protocol.messages.evidence import Receipt
from zhishiyun_server.evidence.bucket import Bucket, digest_of
from zhishiyun_server.evidence.bundle_import import import_bundle
from zhishiyun_server.evidence.forgetting import forget_due
from zhishiyun_server.keep.store_place import read_place


@pytest.fixture
def phone(desk: Desk) -> Phone:
    return bound_phone(desk.here, desk.candidate)


def test_a_phones_recording_earns_its_receipt(desk: Desk, phone: Phone) -> None:
    scribe, pieces = film(phone, desk.here.clock.us)
    phone.send_all(pieces[::2])
    refused = phone.seal(scribe.seal())
    phone.send_all(pieces[1::2])

    receipt = told(phone.seal(scribe.seal()), Receipt)

    assert code_of(refused) == (409, "RANGES_MISSING")
    assert (receipt.body.complete, receipt.body.sha256) == (True, scribe.sha256)
    assert desk.alarms() == []


def test_a_browser_is_never_sent_to_another_server(desk: Desk, phone: Phone) -> None:
    first, data = film(phone, desk.here.clock.us)[1][0]
    offer = {"chunks": [{"first_byte": first, "length": len(data), "sha256": digest_of(data)}]}

    (grant,) = phone.post("evidence/grants", offer).json()["grants"]

    assert grant["url"] == f"/v1/evidence/{phone.bound.recording_id}/0"


def test_what_the_store_has_lost_of_a_phone_is_asked_for_again(desk: Desk, phone: Phone) -> None:
    scribe, pieces = film(phone, desk.here.clock.us)
    phone.send_all(pieces)
    first, data = pieces[1]
    _lose(desk, f"{phone.bound.recording_id}/{first:015d}-{digest_of(data)}.chunk")

    refused = phone.seal(scribe.seal())
    phone.send(first, data)

    assert refused.json()["missing"] == [[first, first + len(data)]]
    assert told(phone.seal(scribe.seal()), Receipt).body.complete
    assert desk.alarms() == ["EVIDENCE_LOST"]


def test_computer_and_phone_are_forgotten_together(desk: Desk, phone: Phone) -> None:  # R226
    log = plain_log(desk.candidate, desk.entered)
    send(desk.candidate, log)
    scribe, pieces = film(phone, desk.here.clock.us)
    phone.send_all(pieces)
    premises = desk.here.premises
    desk.here.clock.to(200 * 86_400)

    (done,) = [
        each
        for each in forget_due(premises, desk.here.clock.now_us())
        if each.deletion.attempt_id == desk.candidate.attempt_id
    ]

    assert done.deletion.evidence_bytes == len(log.data) + scribe.length
    place = read_place(premises.home.store)
    if place is not None:
        with closing(Bucket(place)) as bucket:
            assert list(bucket.listing(f"{phone.bound.recording_id}/")) == []
    assert list(premises.home.evidence.iterdir()) == []
    assert code_of(phone.get("evidence")) == (401, "PHONE_UNKNOWN")


def test_a_phones_log_on_a_stick_is_taken_in(desk: Desk, phone: Phone, tmp_path: Path) -> None:
    scribe, pieces = film(phone, desk.here.clock.us)
    phone.send(*pieces[0])
    portal = desk.here.client.portal
    assert portal is not None
    label = BundleLabel(attempt_id=phone.bound.recording_id, seal=scribe.seal())
    whole = encode_head(label) + b"".join(data for _, data in pieces)
    path = tmp_path / "phone.zsybundle"
    path.write_bytes(whole + bytes.fromhex(digest_of(whole)))
    foreign = tmp_path / "foreign.zsybundle"
    other = encode_head(BundleLabel(attempt_id=desk.candidate.attempt_id, seal=scribe.seal()))
    other += b"".join(data for _, data in pieces)
    foreign.write_bytes(other + bytes.fromhex(digest_of(other)))

    with pytest.raises(ZhishiyunError, match="belongs to no attempt"):
        portal.call(import_bundle, desk.here.premises, foreign)
    receipt = portal.call(import_bundle, desk.here.premises, path)

    assert receipt.body.complete
    assert phone.receipt() == receipt


def _lose(desk: Desk, name: str) -> None:
    premises = desk.here.premises
    place = read_place(premises.home.store)
    if place is None:
        (premises.home.evidence / name).unlink()
        return
    with closing(Bucket(place)) as bucket:
        bucket.remove(name)
