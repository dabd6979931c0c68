"""The default pack on real photographs: the rates that the thresholds rest on (R043)."""

from __future__ import annotations

from itertools import combinations

import pytest

from tests.client.face.rates import (
    PEOPLE_IN_COLOUR,
    Looks,
    colour_photographs,
    curve_of,
    exact_range,
    look_at,
    medians_of_five,
    orl_photographs,
    resampled,
)
from zhishiyun_client.face.engine import InsightFaceEngine
from zhishiyun_client.face.pack import FacePack
from zhishiyun_client.ports.faces import Hint

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def orl(engine: InsightFaceEngine) -> Looks:
    return look_at(engine, orl_photographs())


def test_all_pairs_of_forty_people_keep_the_promised_rates(orl: Looks, pack: FacePack) -> None:
    genuine, impostor = orl.pairs()
    curve = curve_of(orl)
    login = pack.recipe.threshold.login.value
    print(f"EER {curve.eer:.3%}; at 0.40 {curve.at(0.40)}; at {login} {curve.at(login)}")

    assert (len(genuine), len(impostor)) == (1_800, 78_000)
    assert curve.eer <= 0.005
    for line, most_fmr in ((0.40, 0.003), (login, 0.001)):
        fmr, fnmr = curve.at(line)
        assert fmr <= most_fmr
        assert fnmr <= 0.01


def test_with_other_people_the_rates_would_still_be_kept(orl: Looks, pack: FacePack) -> None:
    ranges = resampled(orl, pack.recipe.threshold.login.value)

    assert ranges["eer"][0] <= curve_of(orl).eer <= ranges["eer"][1] <= 0.005
    assert ranges["fmr"][1] <= 0.003
    assert ranges["fnmr"][1] <= 0.01


def test_medians_of_five_looks_separate_forty_people_without_an_error(
    orl: Looks, pack: FacePack
) -> None:
    own, others = medians_of_five(orl)
    print(f"medians of five: own min {own.min():.3f}, others max {others.max():.3f}")

    assert own.min() >= pack.recipe.threshold.login.value
    assert others.max() < pack.recipe.threshold.login.value


def test_hints_do_not_hold_up_people_in_daylight(orl: Looks) -> None:
    """These are small scans; only turn and light are their own, and turned heads are many."""
    spoiled = [hints - {Hint.TURNED_AWAY, Hint.OFF_CENTRE, Hint.BLURRED} for hints in orl.hints]
    turned = sum(Hint.TURNED_AWAY in hints for hints in orl.hints)
    print(f"turned {turned}, otherwise spoiled {sum(bool(hints) for hints in spoiled)} of 400")

    assert sum(bool(hints) for hints in spoiled) <= 8
    assert 10 <= turned <= 80


def test_no_pair_of_public_figures_is_confused(engine: InsightFaceEngine, pack: FacePack) -> None:
    genuine, impostor = look_at(engine, colour_photographs()).pairs()
    print(f"colour: genuine min {genuine.min():.3f}, impostor max {impostor.max():.3f}")

    same = sum(len(list(combinations(names, 2))) for names in PEOPLE_IN_COLOUR.values())
    assert len(genuine) == same == 23
    assert len(impostor) == 55
    assert genuine.min() >= pack.recipe.threshold.login.value
    assert impostor.max() < pack.recipe.threshold.login.value


@pytest.mark.parametrize(
    ("errors", "tries", "low", "high"), [(0, 23, 0.0, 0.1482), (1, 10, 0.0025, 0.4450)]
)
def test_the_error_bars_are_those_of_the_textbook(
    errors: int, tries: int, low: float, high: float
) -> None:
    assert exact_range(errors, tries) == pytest.approx((low, high), abs=1e-4)
