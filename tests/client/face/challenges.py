"""The head turns put to the proof: living heads, prints, stills, other people; counted outcomes."""

from __future__ import annotations

import itertools
import random
from collections import Counter

from tests.client.face.prints import held
from tests.client.face.turning import TURNING, Look, before_camera, look_at, photo_of, play
from zhishiyun_client.face.engine import InsightFaceEngine
from zhishiyun_client.face.liveness import HeadTurns, Lines, random_turns, straight_from
from zhishiyun_client.face.pack import FacePack
from zhishiyun_client.ports.faces import Challenge

LEFT, RIGHT = Challenge.TURN_LEFT, Challenge.TURN_RIGHT
ORDERS = sorted(
    {random_turns(random.Random(seed)) for seed in range(100)}, key=lambda o: [c.value for c in o]
)
PRINTED = tuple(range(2, 41, 4))
TILTS_DEG = (20, 35, 50, 60)
MIRRORED = {LEFT: RIGHT, RIGHT: LEFT, None: None}

Person = dict[str, Look]
Outcomes = Counter[str]


def turning_people(engine: InsightFaceEngine) -> dict[int, Person]:
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


def living(people: dict[int, Person], pack: FacePack) -> Outcomes:
    """Nine real heads, every order of turns."""
    found: Outcomes = Counter()
    for person, turns in itertools.product(people.values(), ORDERS):
        probe = probe_for(person, pack, turns)
        play(probe, lambda asked, shown=person: obeys(shown, asked))
        found[probe.report] += 1
    return found


def prints(engine: InsightFaceEngine, pack: FacePack, bend_rad: float = 0.0) -> Outcomes:
    """Prints of ten people, always tilted to the side that serves them better."""
    found: Outcomes = Counter()
    for person, tilt_deg in itertools.product(PRINTED, TILTS_DEG):
        shown = _print_of(engine, person, tilt_deg, bend_rad)
        if shown is None:
            found["no face"] += 1
            continue
        probe = probe_for(shown, pack, (LEFT, RIGHT, LEFT))
        play(probe, lambda asked, shown=shown: obeys(shown, asked))
        found[probe.report] += 1
    return found


def stills(people: dict[int, Person], pack: FacePack) -> Outcomes:
    """A photograph that does nothing."""
    found: Outcomes = Counter()
    for person in people.values():
        probe = probe_for(person, pack, (LEFT, RIGHT, LEFT))
        play(probe, lambda _asked, shown=person: shown["straight"])
        found[probe.report] += 1
    return found


def swapped(people: dict[int, Person], pack: FacePack) -> Outcomes:
    """The candidate looks straight, another one of the nine makes the turns."""
    found: Outcomes = Counter()
    for own, other in itertools.permutations(people.values(), 2):
        probe = probe_for(own, pack, (RIGHT, LEFT, RIGHT))
        play(
            probe, lambda asked, own=own, other=other: obeys(own if asked is None else other, asked)
        )
        found[probe.report] += 1
    return found  # fmt: skip


def wrong_way(people: dict[int, Person], pack: FacePack) -> Outcomes:
    """Every turn to the other side."""
    found: Outcomes = Counter()
    for person in people.values():
        probe = probe_for(person, pack, (LEFT, RIGHT, RIGHT))
        play(probe, lambda asked, shown=person: obeys(shown, MIRRORED[asked]))
        found[probe.report] += 1
    return found


def _print_of(
    engine: InsightFaceEngine, person: int, tilt_deg: float, bend_rad: float
) -> Person | None:
    photo = photo_of(person, 1)
    straight = look_at(engine, held(photo, 0, bend_rad))
    if straight is None:
        return None
    tilted = [look_at(engine, held(photo, side * tilt_deg, bend_rad)) for side in (-1, 1)]
    seen = sorted((look for look in tilted if look), key=lambda look: look.face.yaw)
    left, right = (seen[-1], seen[0]) if seen else (straight, straight)
    return {"straight": straight, "roster": straight, "left": left, "right": right}
