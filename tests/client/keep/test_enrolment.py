"""Whom this computer is for: ticket, device key, trusted issuers (R004, R007, R008)."""

from __future__ import annotations

import json

import pytest

from zhishiyun_client.keep.enrolment import (
    EnrolmentKeeper,
    read_ticket_file,
    read_trust,
    shipped_trust,
)
from zhishiyun_client.keep.secret_store import SecretFiles
from zhishiyun_protocol import ticket
from zhishiyun_protocol.errors import Fixable, Refused
from zhishiyun_protocol.messages.entering import Enrolled
from zhishiyun_protocol.signing import SigningKey, from_text, is_signed, key_id, to_text
from zhishiyun_protocol.ticket import TicketClaims

ISSUER = SigningKey.generate()
TRUSTED = {key_id(ISSUER.public_bytes()): ISSUER.public_bytes()}


def _ticket(ticket_id: str = "t-1", issuer: SigningKey = ISSUER) -> str:
    claims = TicketClaims(
        exam_id="exam-1",
        exam_title="演示",
        ticket_number="20260001",
        ticket_id=ticket_id,
        server_url="https://exam.example",
        server_key=to_text(b"k" * 32),
        valid_from_us=0,
        valid_until_us=1,
    )
    return ticket.issue(claims, issuer)


@pytest.fixture
def keeper(tmp_path):
    return _keeper(tmp_path)


def _keeper(home):
    return EnrolmentKeeper(home, SecretFiles(home / "secrets"), TRUSTED)


def test_the_device_key_is_made_once(keeper, tmp_path):
    made = keeper.device_key()

    assert _keeper(tmp_path).device_key().private_bytes() == made.private_bytes()


def test_a_ticket_is_kept_over_a_start(keeper, tmp_path):
    claims = keeper.take_ticket(f"\n {_ticket()} \n")

    assert _keeper(tmp_path).kept_ticket() == claims


def test_the_enrolment_proves_the_device_key(keeper):
    text = _ticket()
    keeper.take_ticket(text)

    enrolment = keeper.enrolment("0.1.0")

    assert enrolment.ticket == text
    key = from_text(enrolment.device_key)
    assert is_signed(key, "enrolment", text.encode(), from_text(enrolment.proof))


def test_a_login_proves_the_device_key_and_the_time(keeper):
    keeper.take_ticket(_ticket())

    login = keeper.login(123, take_over=True)

    key = keeper.device_key().public_bytes()
    assert is_signed(key, "login", b"t-1.123", from_text(login.proof))
    assert login.take_over


def test_without_a_ticket_there_is_nothing_to_enrol(keeper):
    assert keeper.kept_ticket() is None
    for call in (lambda: keeper.enrolment("0.1.0"), lambda: keeper.login(1)):
        with pytest.raises(Fixable) as caught:
            call()
        assert caught.value.code == "TICKET_MISSING"


def test_a_ticket_of_a_stranger_is_refused_and_the_kept_one_stays(keeper):
    keeper.take_ticket(_ticket())

    with pytest.raises(Refused) as caught:
        keeper.take_ticket(_ticket("t-2", SigningKey.generate()))

    assert caught.value.code == "TICKET_UNKNOWN_ISSUER"
    assert keeper.kept_ticket().ticket_id == "t-1"


def test_the_servers_answer_is_kept_until_another_ticket_comes(keeper, tmp_path, plan):
    keeper.take_ticket(_ticket())
    answer = Enrolled(
        exam_id="exam-1",
        exam_title="演示",
        plan=plan,
        starts_us=5,
        ticket_tail="0001",
        subject="art",
        formal=False,
    )
    keeper.keep_answer(answer)
    keeper.take_ticket(_ticket())
    kept = _keeper(tmp_path).kept_answer()

    keeper.take_ticket(_ticket("t-2"))

    assert kept == answer
    assert keeper.kept_answer() is None


def test_a_damaged_answer_is_asked_for_again(keeper, tmp_path):
    (tmp_path / "enrolled.json").write_bytes(b"{")

    assert keeper.kept_answer() is None


def test_ticket_files_are_read_with_or_without_a_mark(tmp_path):
    path = tmp_path / "a.zsyenroll"
    path.write_bytes(b"\xef\xbb\xbfZSY1.x\r\n")

    assert read_ticket_file(path) == "ZSY1.x"


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"x" * 70_000])
def test_files_that_are_no_tickets_are_refused(tmp_path, content):
    path = tmp_path / "a.zsyenroll"
    path.write_bytes(content)

    with pytest.raises(Refused) as caught:
        read_ticket_file(path)

    assert caught.value.code == "TICKET_DAMAGED"


def test_a_missing_ticket_file_is_named(tmp_path):
    with pytest.raises(Fixable) as caught:
        read_ticket_file(tmp_path / "gone.zsyenroll")

    assert caught.value.code == "TICKET_UNREADABLE"
    assert "gone.zsyenroll" in caught.value.zh


def test_trust_is_the_union_of_its_files(tmp_path):
    other = SigningKey.generate().public_bytes()
    (tmp_path / "trust").mkdir()
    for name, key in (("a", ISSUER.public_bytes()), ("b", other)):
        content = json.dumps({key_id(key): to_text(key)})
        (tmp_path / "trust" / f"{name}.json").write_text(content)

    trusted = read_trust(shipped_trust(tmp_path))

    assert trusted == {key_id(other): other, **TRUSTED}


@pytest.mark.parametrize(
    "content",
    ["", "[]", '{"0000000000000000": "' + to_text(b"k" * 32) + '"}', '{"x": "??"}', '{"x": 5}'],
)
def test_trust_files_that_cannot_be_right_are_refused(tmp_path, content):
    path = tmp_path / "trust.json"
    path.write_text(content)

    with pytest.raises(Refused) as caught:
        read_trust([path])

    assert caught.value.code == "TRUST_UNREADABLE"
    assert "trust.json" in caught.value.zh
