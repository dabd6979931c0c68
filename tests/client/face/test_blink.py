"""Closed eyes are noticed beside the person's own open ones; a photograph does not blink (R043)."""

from __future__ import annotations

import numpy as np
import pytest

from tests.client.face.blinking import CLOSED, blinks_of, openness_of
from tests.client.face.photographs import Picture, as_preview, at_camera
from zhishiyun_client.face.blink import LOOKS_BEFORE, BlinkWatch
from zhishiyun_client.face.engine import InsightFaceEngine
from zhishiyun_client.face.eye import Eye


def watch(*shares: float | None, every_s: float = 0.2) -> BlinkWatch:
    made = BlinkWatch()
    for number, share in enumerate([1.0] * LOOKS_BEFORE + list(shares)):
        made.take(share, number * every_s)
    return made


def test_closing_and_opening_again_is_a_blink() -> None:
    assert watch(1.0, 0.4, 0.9).is_seen
    assert watch(1.0, 0.4, 0.5, 1.0).report == "blink/1=seen"


@pytest.mark.parametrize(
    "shares",
    [(1.0, 0.4), (1.0, 0.7, 1.0), (0.4, *[0.5] * 9, 1.0), (1.0, 0.4, None, 1.0), (1.0,) * 50],
    ids=["not opened", "half closed", "too long", "looked away", "stares"],
)
def test_what_is_no_blink(shares: tuple[float | None, ...]) -> None:
    made = watch(*shares)

    assert not made.is_seen
    assert made.report == "blink/1=unseen"


@pytest.mark.slow
def test_most_closed_eyes_of_real_people_are_noticed_and_few_open_ones(
    engine: InsightFaceEngine,
) -> None:
    found = blinks_of(openness_of(engine))
    print(found)

    assert found.closed_of == len(CLOSED) == 10
    assert found.closed_seen >= 6
    assert found.open_seen / found.open_of <= 0.04


def test_a_photograph_with_the_noise_of_a_camera_does_not_blink(eye: Eye) -> None:
    noise, made = np.random.default_rng(4), BlinkWatch()
    for number in range(40):
        grain = noise.normal(0, 6, (360, 640, 3))
        picture: Picture = np.clip(at_camera(110) + grain, 0, 255).astype(np.uint8)
        made.take(eye.openness(eye.glance(as_preview(picture))), number * 0.2)

    assert not made.is_seen
