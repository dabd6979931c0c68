"""Which rows of the screen changed, with a copy and without one."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from zhishiyun_client.capture.changes import BAND_PX
from zhishiyun_client.capture.screen_changes import ScreenChanges

HEIGHT_PX, WIDTH_PX = 300, 96
WITHOUT_AND_WITH_A_COPY = pytest.mark.parametrize("copies", [False, True])


def picture(of: int, height_px: int = HEIGHT_PX) -> NDArray[np.uint8]:
    return np.random.default_rng(of).integers(0, 256, (height_px, WIDTH_PX, 4), np.uint8)


@WITHOUT_AND_WITH_A_COPY
@pytest.mark.parametrize("row", [0, BAND_PX - 1, BAND_PX, 150, HEIGHT_PX - 1])
def test_one_other_point_is_found_and_once_taken_over_known(row: int, copies: bool) -> None:
    changes, shown = ScreenChanges(copies=copies), picture(1)
    assert changes.look(shown) == (0, HEIGHT_PX)
    changes.take(shown, (0, HEIGHT_PX))
    assert changes.look(shown) is None

    shown[row, row % WIDTH_PX, row % 4] ^= 1  # in place, as the X server's memory changes
    rows = changes.look(shown)

    assert rows is not None
    assert rows[0] <= row < rows[1] <= rows[0] + BAND_PX
    assert changes.look(shown) == rows
    changes.take(shown, rows)
    assert changes.look(shown) is None


@WITHOUT_AND_WITH_A_COPY
def test_between_two_changes_all_rows_count(copies: bool) -> None:
    changes, shown = ScreenChanges(copies=copies), picture(1)
    changes.look(shown)
    changes.take(shown, (0, HEIGHT_PX))

    shown[3], shown[HEIGHT_PX - 3] = 0, 0

    assert changes.look(shown) == (0, HEIGHT_PX)


@WITHOUT_AND_WITH_A_COPY
def test_another_size_and_what_was_forgotten_are_new(copies: bool) -> None:
    changes, shown = ScreenChanges(copies=copies), picture(1)
    changes.look(shown)
    changes.take(shown, (0, HEIGHT_PX))

    smaller = picture(2, 200)
    assert changes.look(smaller) == (0, 200)
    changes.take(smaller, (0, 200))
    assert changes.look(smaller) is None
    changes.forget()
    assert changes.look(smaller) == (0, 200)


def test_the_first_picture_decides_whether_a_copy_is_kept() -> None:
    changes = ScreenChanges()
    assert changes.copies is None

    changes.look(picture(1))

    assert changes.copies is not None


@WITHOUT_AND_WITH_A_COPY
def test_only_where_something_may_have_changed_is_looked_at(copies: bool) -> None:
    changes, shown = ScreenChanges(copies=copies), picture(1)
    changes.look(shown)
    changes.take(shown, (0, HEIGHT_PX))
    shown[5], shown[200] = 0, 0

    assert changes.look(shown, (100, 101)) is None
    assert changes.look(shown, (0, 0)) is None
    rows = changes.look(shown, (190, 210))
    assert rows is not None
    assert 100 < rows[0] <= 200 < rows[1]
    changes.take(shown, rows)
    assert changes.look(shown) == (0, BAND_PX)
