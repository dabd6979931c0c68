"""The watch's own engine says what insightface says, picture by picture."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest

from tests.client.face.photographs import ROOT, Picture, astronaut, at_camera, group
from tests.client.face.rates import orl_photographs
from tests.client.face.test_choice import choose, shelf
from zhishiyun_client.face.choice import chosen_pack
from zhishiyun_client.face.engine import InsightFaceEngine
from zhishiyun_client.face.pack import FacePack
from zhishiyun_client.face.watching_engine import WatchingEngine
from zhishiyun_protocol.errors import Broken

__all__ = ["shelf"]
MOST_PX = 0.01
LEAST_LIKENESS = 0.99999


@pytest.fixture(scope="module")
def same_size(pack: FacePack) -> WatchingEngine:
    """The watch's engine with the login's detector."""
    recipe = msgspec.structs.replace(pack.recipe, watching_detector="")
    return WatchingEngine(msgspec.structs.replace(pack, recipe=recipe))


@pytest.fixture(scope="module")
def watching(pack: FacePack) -> WatchingEngine:
    return WatchingEngine(pack)


def scenes() -> list[Picture]:
    tall = np.ascontiguousarray(np.rot90(np.asarray(cv2.resize(group(), (640, 443)), np.uint8)))
    lying = np.full((900, 400, 3), 90, np.uint8)
    lying[200:712, :] = astronaut()[:, 60:460]
    people = [picture for _, picture in orl_photographs()[::40]]
    empty = np.full((360, 640, 3), 128, np.uint8)
    return [astronaut(), at_camera(), at_camera(60), group(), tall, lying, empty, *people]


def test_both_engines_find_and_describe_the_same_faces(
    engine: InsightFaceEngine, same_size: WatchingEngine
) -> None:
    found = 0
    for picture in scenes():
        theirs, ours = engine.look(picture), same_size.look(picture)
        assert len(ours) == len(theirs)
        for one, other in zip(ours, theirs, strict=True):
            found += 1
            assert one.score == pytest.approx(other.score, abs=1e-5)
            assert np.allclose(one.points_px, other.points_px, atol=MOST_PX)
            assert one.box.left_px == pytest.approx(other.box.left_px, abs=MOST_PX)
            assert one.box.bottom_px == pytest.approx(other.box.bottom_px, abs=MOST_PX)
            likeness = float(same_size.embed(picture, one) @ engine.embed(picture, other))
            assert likeness >= LEAST_LIKENESS
    assert found >= 20


def test_both_engines_read_a_pack_of_scrfds_own_contract_alike(shelf: Path) -> None:
    choose(shelf, 'pack = "buffalo_l"\nacknowledged_by = "某考试院"\n')
    theirs, ours = (
        InsightFaceEngine(chosen_pack(shelf).open()),
        WatchingEngine(chosen_pack(shelf).open()),
    )

    for picture in (group(), at_camera()):
        pairs = list(zip(ours.look(picture), theirs.look(picture), strict=True))
        assert pairs
        for one, other in pairs:
            assert np.allclose(one.points_px, other.points_px, atol=MOST_PX)
            likeness = float(ours.embed(picture, one) @ theirs.embed(picture, other))
            assert likeness >= LEAST_LIKENESS


def test_at_half_the_size_the_candidate_is_still_known(
    engine: InsightFaceEngine, watching: WatchingEngine, pack: FacePack
) -> None:
    reference = engine.embed(astronaut(), engine.look(astronaut())[0])

    for width_px in (60, 80, 110, 160, 200):
        picture = at_camera(width_px)
        (face,) = watching.look(picture)
        (whole,) = engine.look(picture)
        assert face.width_px == pytest.approx(whole.width_px, rel=0.15)
        likeness = float(watching.embed(picture, face) @ reference)
        assert likeness > 2 * pack.recipe.threshold.presence_same.value


def test_files_that_do_not_load_are_told(pack: FacePack, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{}")

    with pytest.raises(Broken, match="FACE_ENGINE_FAILED"):
        WatchingEngine(msgspec.structs.replace(pack, folder=tmp_path))


def test_the_recorder_watches_without_insightface_and_what_comes_with_it() -> None:
    heavy = {"insightface", "scipy", "skimage", "onnx", "matplotlib"}
    code = "import sys, zhishiyun_client.face.watching_eye; print(*sys.modules)"

    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()

    assert heavy.isdisjoint(loaded)
