"""The palette can be read by everyone, and nothing is smaller than it may be."""

from __future__ import annotations

import re

import pytest

from zhishiyun_client.ui import theme
from zhishiyun_client.ui.stylesheet import stylesheet
from zhishiyun_client.ui.theme import TEXT_PAIRS, Colour, Type, contrast


@pytest.mark.parametrize(("ink", "ground"), TEXT_PAIRS)
def test_text_has_a_contrast_of_four_and_a_half(ink: Colour, ground: Colour) -> None:
    """WCAG 1.4.3."""
    assert contrast(ink, ground) >= 4.5


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


def test_every_colour_that_carries_text_in_the_style_sheet_is_checked() -> None:
    checked = {ink.value for ink, _ in TEXT_PAIRS}
    used = set(re.findall(r"[{;\s]color: (#[0-9A-F]{6})", stylesheet("pictures")))

    assert used
    assert used <= checked


def test_no_text_is_smaller_than_fourteen_pixels() -> None:
    sizes = [int(size) for size in re.findall(r"font-size: (\d+)px", stylesheet("pictures"))]

    assert sizes
    assert min(sizes) >= 14
    assert min(Type) >= 14
    assert Type.BODY == 16


def test_the_countdown_has_at_least_thirty_two_pixels() -> None:
    assert Type.CLOCK_SMALL >= 32
    assert Type.HUGE_SMALL >= 48


def test_questions_grow_from_twenty_to_thirty_six_pixels() -> None:
    assert theme.QUESTION_SIZES_PX[0] == 20
    assert theme.QUESTION_SIZES_PX[-1] == 36


def test_the_two_bands_differ() -> None:
    """R025: mock and formal cannot be confused."""
    sheet = stylesheet("pictures")

    assert Colour.BAND_FORMAL != Colour.BAND_MOCK
    assert sheet.index(Colour.BAND_FORMAL) != sheet.index(Colour.BAND_MOCK)
