"""Head turns: living heads are accepted, prints, stills and other people are not (R043)."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from tests.client.face.prints import held
from tests.client.face.turning import TURNING, Look, before_camera, look_at, photo_of, play
from zhishiyun_client.face.engine import InsightFaceEngine
from zhishiyun_client.face.liveness import (
    TURN_S,
    HeadTurns,
    Lines,
    Why,
    random_turns,
    straight_from,
)
from zhishiyun_client.face.pack import FacePack
from zhishiyun_client.ports.faces import Challenge, LivenessOutcome

pytestmark = [pytest.mark.slow]

LEFT, RIGHT = Challenge.TURN_LEFT, Challenge.TURN_RIGHT
ORDERS = sorted(
    {random_turns(random.Random(seed)) for seed in range(100)}, key=lambda o: [c.value for c in o]
)
PRINTED = tuple(range(2, 41, 4))
TILTS_DEG = (20, 35, 50, 60)

Person = dict[str, Look]


@pytest.fixture(scope="module")
def people(engine: InsightFaceEngine) -> dict[int, Person]:
    """Four looks at each of nine people."""
    names = ("roster", "straight", "left", "right")
    found: dict[int, Person] = {}
    for person, numbers in TURNING.items():
        looks = [look_at(engine, before_camera(person, number)) for number in numbers]
        assert None not in looks, person
        found[person] = {name: look for name, look in zip(names, looks, strict=True) if look}
    return found


def probe_for(person: Person, pack: FacePack, turns: tuple[Challenge, ...]) -> HeadTurns:
    lines = pack.recipe.threshold
    return HeadTurns(
        turns,
        straight_from([person["straight"].face]),
        person["roster"].embedding,
        Lines(lines.presence_same.value, lines.presence_other.value),
        0.0,
    )


def obeys(person: Person, asked: Challenge | None) -> Look:
    return person["straight" if asked is None else "left" if asked is LEFT else "right"]


def test_every_order_of_turns_is_accepted_from_nine_real_heads(
    people: dict[int, Person], pack: FacePack
) -> None:
    for (number, person), turns in itertools.product(people.items(), ORDERS):
        probe = probe_for(person, pack, turns)

        outcome = play(probe, lambda asked, person=person: obeys(person, asked))

        assert outcome is LivenessOutcome.PASSED, (number, turns, probe.report)
        assert probe.report == "turns/1:passed"
        assert probe.done_share == 1.0


def test_forty_tilted_flat_prints_are_all_refused(
    engine: InsightFaceEngine, pack: FacePack
) -> None:
    """The print is always tilted to the side that serves it better."""
    lines = pack.recipe.threshold
    refused = 0
    for person, tilt_deg in itertools.product(PRINTED, TILTS_DEG):
        straight = look_at(engine, held(photo_of(person, 1), 0))
        tilted = [look_at(engine, held(photo_of(person, 1), side * tilt_deg)) for side in (-1, 1)]
        seen = sorted((look for look in tilted if look), key=lambda look: look.face.yaw)
        assert straight is not None
        print_ = {"straight": straight, "roster": straight}
        print_ |= (
            {"left": seen[-1], "right": seen[0]}
            if seen
            else dict.fromkeys(("left", "right"), straight)
        )
        probe = HeadTurns(
            (LEFT, RIGHT, LEFT),
            straight_from([straight.face]),
            straight.embedding,
            Lines(lines.presence_same.value, lines.presence_other.value),
            0.0,
        )

        outcome = play(probe, lambda asked, shown=print_: obeys(shown, asked))

        assert outcome is LivenessOutcome.FAILED, (person, tilt_deg)
        refused += 1
    assert refused == len(PRINTED) * len(TILTS_DEG) == 40


def test_a_static_photo_is_refused_when_its_time_is_up(
    people: dict[int, Person], pack: FacePack
) -> None:
    for person in people.values():
        probe = probe_for(person, pack, (LEFT, RIGHT, LEFT))

        assert play(probe, lambda _asked, p=person: p["straight"]) is LivenessOutcome.FAILED
        assert probe.why is Why.LATE


def test_another_person_who_makes_the_turns_is_refused(
    people: dict[int, Person], pack: FacePack
) -> None:
    pairs = list(itertools.permutations(people, 2))
    whys: Counter[Why | None] = Counter()
    for own, other in pairs:
        probe = probe_for(people[own], pack, (RIGHT, LEFT, RIGHT))

        def swapped(asked: Challenge | None, own: int = own, other: int = other) -> Look:
            return obeys(people[own if asked is None else other], asked)

        assert play(probe, swapped) is LivenessOutcome.FAILED, (own, other)
        whys[probe.why] += 1
    print(f"swapped: {dict(whys)}")
    assert len(pairs) == 72
    assert whys[Why.SOMEONE_ELSE] >= 50


def test_turning_the_wrong_way_is_refused(people: dict[int, Person], pack: FacePack) -> None:
    mirrored = {LEFT: RIGHT, RIGHT: LEFT, None: None}
    for number, person in people.items():
        probe = probe_for(person, pack, (LEFT, RIGHT, RIGHT))

        outcome = play(probe, lambda asked, p=person: obeys(p, mirrored[asked]))

        assert (outcome, probe.why) == (LivenessOutcome.FAILED, Why.WRONG_WAY), number


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
