"""Several looks give one verdict (R043); how many tries there are is the flow's business."""

from __future__ import annotations

import pytest

from zhishiyun_client.face.matching import LOOKS, LOOKS_IN_DOUBT, TRY_S, Trial
from zhishiyun_client.face.pack import Threshold, Thresholds
from zhishiyun_client.ports.faces import Comparison, Hint, Verdict


def trial(*similarities: float) -> Trial:
    line = {name: Threshold(value, "test") for name, value in LINES.items()}
    made = Trial(Thresholds(**line), began_tick_s=100.0)
    for similarity in similarities:
        made.take(similarity)
    return made


LINES = {
    "detection": 0.6,
    "login": 0.40,
    "doubtful": 0.30,
    "presence_same": 0.36,
    "presence_other": 0.25,
}


def test_four_looks_are_too_few() -> None:
    assert trial(0.9, 0.9, 0.9, 0.9).outcome(101.0) is None


def test_the_median_of_five_decides_not_the_best_look() -> None:
    assert trial(0.1, 0.2, 0.40, 0.9, 0.9).outcome(101.0) == Comparison(Verdict.MATCHED, 0.40, 5)


def test_one_lucky_look_does_not_let_a_stranger_in() -> None:
    assert trial(0.1, 0.1, 0.1, 0.9, 0.1).outcome(101.0) == Comparison(
        Verdict.NOT_MATCHED, 0.1, LOOKS
    )


def test_in_doubt_it_looks_on_and_may_still_match() -> None:
    doubtful = trial(*[0.35] * LOOKS)
    assert doubtful.outcome(101.0) is None

    for _ in range(LOOKS + 1):
        doubtful.take(0.5)

    outcome = doubtful.outcome(102.0)
    assert outcome is not None
    assert outcome.verdict is Verdict.MATCHED


def test_lasting_doubt_is_no_match() -> None:
    assert trial(*[0.35] * LOOKS_IN_DOUBT).outcome(103.0) == Comparison(
        Verdict.NOT_MATCHED, 0.35, LOOKS_IN_DOUBT
    )


def test_time_ends_a_doubt_as_no_match() -> None:
    outcome = trial(*[0.35] * 6).outcome(100.0 + TRY_S)

    assert outcome is not None
    assert outcome.verdict is Verdict.NOT_MATCHED


def test_a_try_without_a_good_look_is_undecided_and_names_the_obstacle() -> None:
    spoiled = trial(0.9)
    for hint in (Hint.TOO_DARK, Hint.NO_FACE, Hint.TOO_DARK):
        spoiled.spoil(hint)

    assert spoiled.outcome(99.0 + TRY_S) is None
    assert spoiled.outcome(100.0 + TRY_S) == Comparison(Verdict.UNDECIDED, 0.9, 1)
    assert spoiled.obstacle is Hint.TOO_DARK


def test_progress_fills_and_stays_full() -> None:
    assert trial().taken_share == 0.0
    assert trial(0.5, 0.5).taken_share == pytest.approx(0.4)
    assert trial(*[0.35] * 8).taken_share == 1.0
