"""The release code: twenty characters that open one paper, and slips are told from fraud (R123)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhishiyun_protocol import paper, release
from zhishiyun_protocol.errors import Refused

KEY, OTHER_KEY = bytes(range(32)), bytes(range(1, 33))
ENVELOPE = paper.seal(paper.PaperLabel(exam_id="e1", paper_id="pp-1"), b"question", KEY)
CODE = release.code_of(KEY, "pp-1")


def test_the_code_opens_its_paper():
    assert len(release.plain(CODE)) == 20
    assert paper.key_by_code(ENVELOPE, CODE) == KEY
    assert paper.unseal(ENVELOPE, paper.key_by_code(ENVELOPE, CODE))[1] == b"question"


def test_the_envelope_tells_neither_key_nor_code():
    assert KEY not in ENVELOPE
    assert release.plain(CODE).encode() not in ENVELOPE
    assert CODE.encode() not in ENVELOPE


@pytest.mark.parametrize(
    "heard",
    [
        CODE.lower(),
        CODE.replace("-", " "),
        CODE.replace("0", "o").replace("1", "l"),
        "".join(
            chr(ord(c) + 0xFEE0) if c.isascii() else c for c in CODE
        ),  # full-width input method
    ],
)
def test_what_an_ear_or_an_input_method_makes_of_it_is_understood(heard: str):
    assert paper.key_by_code(ENVELOPE, heard) == KEY


@given(at=st.integers(0, 19), instead=st.sampled_from(release.ALPHABET))
def test_one_wrong_character_is_a_slip(at: int, instead: str):
    text = release.plain(CODE)
    if instead == text[at]:
        return
    with pytest.raises(Refused) as caught:
        release.unlock(text[:at] + instead + text[at + 1 :], "pp-1", "")

    assert caught.value.code == "RELEASE_MISTYPED"


@given(st.text(max_size=30))
def test_rubbish_is_a_slip(text: str):
    with pytest.raises(Refused) as caught:
        release.unlock(text, "pp-1", "")

    assert caught.value.code == "RELEASE_MISTYPED"


def test_the_code_of_another_paper_is_foreign_and_an_older_papers_too():
    foreign = release.code_of(KEY, "pp-2")

    with pytest.raises(Refused) as caught:
        paper.key_by_code(ENVELOPE, foreign)

    assert caught.value.code == "RELEASE_FOREIGN"
    assert "热线" in caught.value.zh


def test_a_code_of_the_right_form_that_does_not_open_is_wrong():
    with pytest.raises(Refused) as caught:
        paper.key_by_code(ENVELOPE, release.code_of(OTHER_KEY, "pp-1"))

    assert caught.value.code == "RELEASE_WRONG"


def test_an_envelope_without_a_lock_says_so():
    with pytest.raises(Refused) as caught:
        release.unlock(CODE, "pp-1", "")

    assert caught.value.code == "RELEASE_NONE"
