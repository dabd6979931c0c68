"""Tickets, papers and draws: what is altered, foreign or early is refused (R004, R083, R122)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhishiyun_protocol import draw, paper, ticket
from zhishiyun_protocol.errors import Refused
from zhishiyun_protocol.signing import SigningKey, key_id

CLAIMS = ticket.TicketClaims(
    exam_id="e1",
    exam_title="示例",
    ticket_number="20260001",
    ticket_id="t1",
    server_url="https://exam.example",
    server_key="k",
    valid_from_us=0,
    valid_until_us=1,
)
KEY = bytes(range(32))
ENVELOPE = paper.seal(paper.PaperLabel(exam_id="e", paper_id="p"), b"q" * 40, KEY)


def test_a_ticket_is_read_by_whoever_trusts_its_issuer() -> None:
    issuer = SigningKey.generate()
    trusted = {key_id(issuer.public_bytes()): issuer.public_bytes()}

    assert ticket.read(ticket.issue(CLAIMS, issuer) + "\n", trusted) == CLAIMS


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda t: t[:-1] + ("A" if t[-1] != "A" else "B"), "TICKET_FORGED"),
        (lambda t: t.replace("ZSY1", "ZSY9"), "TICKET_DAMAGED"),
        (lambda t: t[: len(t) // 2], "TICKET_DAMAGED"),
        (lambda t: "", "TICKET_DAMAGED"),
    ],
)
def test_a_spoiled_ticket_is_refused(spoil, code: str) -> None:
    issuer = SigningKey.generate()
    trusted = {key_id(issuer.public_bytes()): issuer.public_bytes()}
    text = ticket.issue(CLAIMS, issuer)

    with pytest.raises(Refused) as refusal:
        ticket.read(spoil(text), trusted)

    assert refusal.value.code in (code, "NOT_BASE64")


def test_a_ticket_of_an_unknown_issuer_is_refused() -> None:
    with pytest.raises(Refused, match="TICKET_UNKNOWN_ISSUER"):
        ticket.read(ticket.issue(CLAIMS, SigningKey.generate()), {})


def test_a_paper_opens_with_its_key_only() -> None:
    envelope = paper.seal(paper.PaperLabel(exam_id="e1", paper_id="p1"), b"question", KEY)

    assert paper.unseal(envelope, KEY)[1] == b"question"
    assert b"question" not in envelope
    with pytest.raises(Refused, match="PAPER_WRONG_KEY"):
        paper.unseal(envelope, bytes(32))


@given(at=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_no_altered_paper_opens(at: int, bit: int) -> None:
    envelope = bytearray(ENVELOPE)
    envelope[at % len(envelope)] ^= 1 << bit

    with pytest.raises(Refused, match="PAPER_"):
        paper.unseal(bytes(envelope), KEY)


@given(cut=st.integers(0, 200))
def test_no_cut_paper_opens(cut: int) -> None:
    with pytest.raises(Refused, match="PAPER_"):
        paper.unseal(ENVELOPE[: min(cut, len(ENVELOPE) - 1)], KEY)


@given(st.sets(st.text(min_size=1, max_size=8), min_size=1, max_size=40))
def test_everybody_draws_one_number_and_no_two_the_same(tickets: set[str]) -> None:
    drawn = draw.numbers(KEY, "语文", sorted(tickets))

    assert sorted(drawn.values()) == list(range(1, len(tickets) + 1))
    assert drawn == draw.numbers(KEY, "语文", sorted(tickets, reverse=True))


def test_a_draw_can_be_checked_against_its_commitment() -> None:
    committed = draw.commitment(KEY)

    assert draw.is_honest(KEY, committed)
    assert not draw.is_honest(bytes(32), committed)
