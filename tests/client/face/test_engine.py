"""The engine is insightface, held behind the port."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.client.face.photographs import as_preview, astronaut, at_camera, group
from zhishiyun_client.face.choice import PackChoice
from zhishiyun_client.face.engine import InsightFaceEngine
from zhishiyun_client.face.login_eye import open_eye
from zhishiyun_client.ports.faces import Box, FaceSeen


def test_one_face_is_found_with_its_points_in_order(engine: InsightFaceEngine) -> None:
    (face,) = engine.look(astronaut())

    right_eye, left_eye, nose, mouth_right, mouth_left = face.points_px
    assert 180 < right_eye[0] < nose[0] < left_eye[0] < 270
    assert right_eye[1] < nose[1] < mouth_right[1]
    assert mouth_right[0] < mouth_left[0]
    assert face.score > 0.9
    assert face.width_px == pytest.approx(90.5, abs=3)
    assert abs(face.yaw) < 0.2


def test_faces_come_largest_first(engine: InsightFaceEngine) -> None:
    faces = engine.look(group())

    areas = [face.width_px * face.box.height_px for face in faces]
    assert len(faces) == 6
    assert areas == sorted(areas, reverse=True)


def test_an_empty_room_holds_no_face(engine: InsightFaceEngine) -> None:
    assert engine.look(np.full((360, 640, 3), 128, np.uint8)) == ()


def test_an_embedding_has_length_one_and_is_insightfaces_own(engine: InsightFaceEngine) -> None:
    picture = at_camera()
    (face,) = engine.look(picture)

    embedding = engine.embed(picture, face)

    (direct,) = engine._analysis.get(picture)
    assert embedding.shape == (128,)
    assert float(np.linalg.norm(embedding)) == pytest.approx(1.0, abs=1e-5)
    assert np.array_equal(embedding, direct.normed_embedding)


def test_one_person_is_near_and_others_are_far(engine: InsightFaceEngine) -> None:
    portrait, camera, others = astronaut(), at_camera(), group()
    reference = engine.embed(portrait, engine.look(portrait)[0])

    same = float(engine.embed(camera, engine.look(camera)[0]) @ reference)
    strangers = [float(engine.embed(others, face) @ reference) for face in engine.look(others)]

    assert same > 0.9
    assert max(strangers) < 0.25


def test_yaw_grows_to_the_persons_left_and_is_nought_from_the_side() -> None:
    def face(nose_px: float, left_eye_px: float = 140.0) -> FaceSeen:
        points = ((100.0, 50.0), (left_eye_px, 50.0), (nose_px, 70.0), (105.0, 90.0), (135.0, 90.0))
        return FaceSeen(Box(90, 30, 150, 110), points, 0.9)

    assert face(120.0).yaw == pytest.approx(0.0)
    assert face(130.0).yaw == pytest.approx(0.5)
    assert face(110.0).yaw == pytest.approx(-0.5)
    assert face(120.0, left_eye_px=100.5).yaw == 0.0


def test_a_pack_in_a_folder_with_a_chinese_name_is_loaded(
    pack_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "考生 人脸模型"
    shutil.copytree(pack_folder, folder)

    eye = open_eye(PackChoice(folder))

    assert eye.glance(as_preview(at_camera())).hint is None
