"""ORL photographs with closed eyes, labelled by hand, and how many are noticed."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from tests.client.face.rates import orl_photographs
from zhishiyun_client.face.blink import CLOSED_BELOW
from zhishiyun_client.face.engine import InsightFaceEngine
from zhishiyun_client.face.lids import openness

CLOSED = frozenset(
    {(36, 5), (27, 5), (22, 6), (26, 6), (11, 9), (11, 4), (32, 6), (27, 9), (27, 6), (8, 3)}
)  # fmt: skip


@dataclass(frozen=True)
class Blinks:
    """Photographs called closed, of those that are and those that are not."""

    closed_seen: int
    closed_of: int
    open_seen: int
    open_of: int


def openness_of(engine: InsightFaceEngine) -> dict[tuple[int, int], float]:
    """By person and number of the photograph; only where it can be told."""
    found = {}
    for place, (person, picture) in enumerate(orl_photographs()):
        value = openness(picture, engine.look(picture)[0])
        if value is not None:
            found[person, place % 10 + 1] = value
    return found


def blinks_of(values: dict[tuple[int, int], float]) -> Blinks:
    """Every photograph against the median of the same person's."""
    seen, known = [], []
    for (person, number), value in values.items():
        own = median(other for (whose, _), other in values.items() if whose == person)
        seen.append(value < CLOSED_BELOW * own)
        known.append((person, number) in CLOSED)
    closed = [s for s, k in zip(seen, known, strict=True) if k]
    opened = [s for s, k in zip(seen, known, strict=True) if not k]
    return Blinks(sum(closed), len(closed), sum(opened), len(opened))
