"""A candidate is told what to mend: light, distance, place, turn, sharpness (R044)."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.client.face.photographs import Picture, as_preview, at_camera, group
from zhishiyun_client.face.eye import Eye
from zhishiyun_client.face.quality import hints_for
from zhishiyun_client.ports.faces import Box, FaceSeen, Hint, shown_first

SEEN_TURNED = FaceSeen(
    Box(260, 110, 380, 260),
    ((290.0, 160.0), (350.0, 160.0), (335.0, 190.0), (300.0, 220.0), (345.0, 220.0)),
    0.9,
)


def shown(eye: Eye, picture: Picture) -> Hint | None:
    return eye.glance(as_preview(picture)).hint


@pytest.mark.parametrize("face_px", [85, 110, 150, 200])
def test_a_good_look_has_no_hint(eye: Eye, face_px: float) -> None:
    assert shown(eye, at_camera(face_px)) is None


def test_an_empty_room_is_told(eye: Eye) -> None:
    assert shown(eye, np.full((360, 640, 3), 90, np.uint8)) is Hint.NO_FACE


def test_several_people_are_told(eye: Eye) -> None:
    assert shown(eye, cv2.resize(group(), (640, 443))) is Hint.SEVERAL


def test_a_small_face_far_behind_does_not_disturb(eye: Eye) -> None:
    picture = at_camera(150)
    poster = cv2.resize(at_camera(110), (160, 90))
    picture[20:110, 20:180] = poster

    glance = eye.glance(as_preview(picture))

    assert len(glance.faces) == 2
    assert glance.hint is None


@pytest.mark.parametrize(("face_px", "hint"), [(40, Hint.TOO_FAR), (70, Hint.TOO_FAR)])
def test_a_distant_face_is_told_to_come_closer(eye: Eye, face_px: float, hint: Hint) -> None:
    assert shown(eye, at_camera(face_px)) is hint


def test_a_face_that_fills_the_picture_is_told_to_go_back() -> None:
    face = FaceSeen(Box(140, 0, 500, 360), SEEN_TURNED.points_px, 0.9)

    assert Hint.TOO_NEAR in hints_for(at_camera(), (face,))


@pytest.mark.parametrize("at", [(60, 190), (20, 190), (590, 190), (320, 40), (320, 320)])
def test_a_face_at_the_edge_is_told_to_move(eye: Eye, at: tuple[float, float]) -> None:
    assert shown(eye, at_camera(110, at)) is Hint.OFF_CENTRE


def test_a_turned_head_is_told_to_look_here() -> None:
    assert SEEN_TURNED.yaw == pytest.approx(0.5)
    assert shown_first(hints_for(at_camera(), (SEEN_TURNED,))) is Hint.TURNED_AWAY


def test_a_dark_room_is_told(eye: Eye) -> None:
    assert shown(eye, np.asarray(at_camera() * 0.2, np.uint8)) is Hint.TOO_DARK


def test_a_washed_out_face_is_told(eye: Eye) -> None:
    washed = np.clip(at_camera().astype(np.float32) * 0.4 + 165, 0, 255).astype(np.uint8)

    assert shown(eye, washed) is Hint.TOO_BRIGHT


def test_a_window_behind_is_told_but_the_look_counts(eye: Eye) -> None:
    picture = np.full((360, 640, 3), 250, np.uint8)
    picture[100:290, 240:400] = np.asarray(at_camera()[100:290, 240:400] * 0.42, np.uint8)

    glance = eye.glance(as_preview(picture))

    assert glance.hint is Hint.BACKLIT
    assert glance.counts


def test_a_blurred_face_is_told(eye: Eye) -> None:
    assert (
        shown(eye, np.asarray(cv2.GaussianBlur(at_camera(), (0, 0), 4), np.uint8)) is Hint.BLURRED
    )


def test_the_first_hint_in_the_order_of_telling_is_shown() -> None:
    assert shown_first({Hint.BLURRED, Hint.TOO_DARK, Hint.TOO_FAR}) is Hint.TOO_FAR
    assert shown_first(set()) is None
