"""Head turns: living heads are accepted, prints, stills and other people are not (R043)."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from tests.client.face.challenges import (
    LEFT,
    ORDERS,
    RIGHT,
    Person,
    living,
    prints,
    probe_for,
    stills,
    swapped,
    turning_people,
    wrong_way,
)
from tests.client.face.turning import play
from zhishiyun_client.face.engine import InsightFaceEngine
from zhishiyun_client.face.liveness import TURN_S, Why, random_turns
from zhishiyun_client.face.pack import FacePack
from zhishiyun_client.ports.faces import LivenessOutcome

pytestmark = [pytest.mark.slow]


@pytest.fixture(scope="module")
def people(engine: InsightFaceEngine) -> dict[int, Person]:
    """Four looks at each of nine people."""
    return turning_people(engine)


def test_every_order_of_turns_is_accepted_from_nine_real_heads(
    people: dict[int, Person], pack: FacePack
) -> None:
    assert living(people, pack) == {"turns/1:passed": 54}


def test_forty_tilted_flat_prints_are_all_refused(
    engine: InsightFaceEngine, pack: FacePack
) -> None:
    found = prints(engine, pack)

    assert found.total() == 40
    assert found["turns/1:passed"] == 0


def test_a_static_photo_is_refused_when_its_time_is_up(
    people: dict[int, Person], pack: FacePack
) -> None:
    assert stills(people, pack) == {"turns/1:late": 9}


def test_another_person_who_makes_the_turns_is_refused(
    people: dict[int, Person], pack: FacePack
) -> None:
    found = swapped(people, pack)
    print(f"swapped: {dict(found)}")

    assert found.total() == 72
    assert found["turns/1:passed"] == 0
    assert found["turns/1:someone_else"] >= 50


def test_turning_the_wrong_way_is_refused(people: dict[int, Person], pack: FacePack) -> None:
    assert wrong_way(people, pack) == {"turns/1:wrong_way": 9}


def test_no_turn_or_no_face_in_time_is_refused(people: dict[int, Person], pack: FacePack) -> None:
    probe = probe_for(people[25], pack, (LEFT, RIGHT, LEFT))

    assert probe.wait(TURN_S - 0.1) is LivenessOutcome.WAITING
    assert probe.wait(TURN_S) is LivenessOutcome.FAILED
    assert probe.report == "turns/1:late"


def test_a_turn_counts_only_from_straight_and_only_when_it_is_held(
    people: dict[int, Person], pack: FacePack
) -> None:
    person = people[1]
    probe = probe_for(person, pack, (LEFT, LEFT, RIGHT))
    left, straight = person["left"], person["straight"]

    probe.watch(left.face, left.embedding, 0.2)
    probe.watch(straight.face, straight.embedding, 0.4)
    assert probe.done_share == 0.0
    for tick_s in (0.6, 0.8, 1.0, 1.2, 1.4):
        probe.watch(left.face, left.embedding, tick_s)

    assert probe.done_share == pytest.approx(1 / 3)
    assert probe.asked is None


def test_a_turned_look_that_nobody_can_be_told_from_does_not_count(
    people: dict[int, Person], pack: FacePack
) -> None:
    person = people[25]
    probe = probe_for(person, pack, (LEFT, RIGHT, LEFT))
    reference = person["roster"].embedding
    aside = np.roll(reference, 1) - reference * float(np.roll(reference, 1) @ reference)
    aside /= np.linalg.norm(aside)
    unsure = replace(
        person["left"], embedding=(0.3 * reference + np.sqrt(1 - 0.09) * aside).astype(np.float32)
    )

    outcome = play(probe, lambda asked: unsure if asked else person["straight"])

    assert (outcome, probe.why) == (LivenessOutcome.FAILED, Why.LATE)
    assert probe.done_share == 0.0


def test_the_order_is_drawn_anew_and_every_order_is_as_likely() -> None:
    chance = random.Random(11)
    drawn = Counter(random_turns(chance) for _ in range(6000))

    assert len(drawn) == len(ORDERS) == 6
    assert all({LEFT, RIGHT} == set(order) for order in drawn)
    assert min(drawn.values()) > 850
    assert len({random_turns() for _ in range(60)}) > 1
    assert random_turns(random.Random(3)) == random_turns(random.Random(3))
