"""Only rows that changed are converted, and the result is the same as of the whole picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhishiyun_client.capture.changes import BAND_PX, Planes, changed_rows

WIDTH_PX, HEIGHT_PX = 96, 300
COLOUR = cv2.COLOR_BGRA2YUV_I420
CHANCE = np.random.default_rng(5)


def picture() -> np.ndarray:
    return CHANCE.integers(0, 256, (HEIGHT_PX, WIDTH_PX, 4), np.uint8)


def test_a_picture_that_stands_still_has_no_changed_rows() -> None:
    before = picture()

    assert changed_rows(before, before.copy()) is None


@pytest.mark.parametrize("row", [0, 1, BAND_PX - 1, BAND_PX, 150, HEIGHT_PX - 1])
def test_one_other_point_is_found_wherever_it_is(row: int) -> None:
    before = picture()
    now = before.copy()
    now[row, row % WIDTH_PX, row % 4] ^= 1

    rows = changed_rows(before, now)

    assert rows is not None
    assert rows[0] <= row < rows[1]
    assert rows[1] - rows[0] <= BAND_PX
    assert rows[0] % 2 == 0


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, HEIGHT_PX - 1), max_size=4))
def test_planes_are_those_of_the_whole_picture(changed: list[int]) -> None:
    before = picture()
    now = before.copy()
    for row in changed:
        now[row, 3:40] = CHANCE.integers(0, 256, (37, 4), np.uint8)
    planes = Planes(WIDTH_PX, HEIGHT_PX)
    planes.convert(before, COLOUR, None)

    planes.convert(now, COLOUR, changed_rows(before, now) or (0, 0))

    assert np.array_equal(planes.array, cv2.cvtColor(now, COLOUR))


def test_the_first_picture_is_taken_whole_whatever_is_said() -> None:
    first = picture()
    planes = Planes(WIDTH_PX, HEIGHT_PX)

    planes.convert(first, COLOUR, (0, 0))

    assert np.array_equal(planes.array, cv2.cvtColor(first, COLOUR))
