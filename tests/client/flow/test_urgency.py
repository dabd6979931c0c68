"""Countdowns in words and for screen readers (R147)."""

from __future__ import annotations

import pytest

from zhishiyun_client.flow.urgency import announcement, urgency_of
from zhishiyun_client.flow.views import Urgency
from zhishiyun_client.i18n.keys import T


@pytest.mark.parametrize(
    ("left_s", "urgency"),
    [(301, Urgency.CALM), (300, Urgency.SOON), (61, Urgency.SOON), (60, Urgency.LAST)],
)
def test_urgency_follows_the_time_left(left_s: int, urgency: Urgency) -> None:
    assert urgency_of(left_s) is urgency


def test_screen_readers_hear_four_times_and_no_more() -> None:
    heard = [left_s for left_s in range(1200) if announcement("作答", left_s) is not None]

    assert heard == [10, 60, 300, 600]
    assert announcement("作答", 10).key is T.PANEL_ANNOUNCE_SECONDS
