"""What happens in a moment: keys of a screenshot, a touched clipboard (R106, R171)."""

from __future__ import annotations

import pytest

from zhishiyun_client.guard.chords import Chord, refused_as
from zhishiyun_client.guard.moments import foreign_clipboard, kept_back
from zhishiyun_client.ports.watching import Cause, Severity


@pytest.mark.parametrize(
    "chord",
    [Chord("print"), Chord("print", alt=True), Chord("print", win=True),
     Chord("s", win=True, shift=True)],
)  # fmt: skip
def test_the_keys_of_a_screenshot_are_a_finding_and_no_violation(chord: Chord):
    sight = kept_back(refused_as(chord))

    assert sight is not None
    assert (sight.cause, sight.severity) == (Cause.SCREENSHOT, Severity.NOTICE)


@pytest.mark.parametrize("chord", [Chord("tab", alt=True), Chord("s", win=True), Chord("win")])
def test_other_chords_are_kept_back_without_a_finding(chord: Chord):
    reason = refused_as(chord)

    assert reason
    assert kept_back(reason) is None


def test_saving_and_writing_an_s_pass():
    assert refused_as(Chord("s")) == refused_as(Chord("s", ctrl=True)) == ""


def test_a_foreign_clipboard_is_ordinary_and_says_nothing_of_its_content():
    sight = foreign_clipboard()

    assert sight.cause.is_ordinary
    assert sight.facts == ()
