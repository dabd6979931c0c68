"""A mask is told, a beard or a grey picture is not taken for one (R044)."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.client.face.masks import CLOTHS, COLOURS, HAIR, bearded, masked
from tests.client.face.photographs import Picture, as_png, as_preview, astronaut, at_camera
from zhishiyun_client.face.covering import is_covered, mouth_over_forehead
from zhishiyun_client.face.eye import Eye
from zhishiyun_client.face.pack import FacePack
from zhishiyun_client.ports.faces import Enrolment, Hint


def worn(eye: Eye, mask: str, face_px: float = 120.0) -> Picture:
    picture = at_camera(face_px)
    return masked(picture, eye.glance(as_preview(picture)).faces[0], mask)


@pytest.mark.parametrize("mask", [*CLOTHS, *COLOURS])
@pytest.mark.parametrize("face_px", [100, 180])
def test_a_mask_is_told(eye: Eye, mask: str, face_px: float) -> None:
    glance = eye.glance(as_preview(worn(eye, mask, face_px)))

    assert Hint.COVERED in glance.hints
    assert glance.covered
    assert not glance.counts


@pytest.mark.parametrize("colour", HAIR)
def test_a_beard_is_no_mask(eye: Eye, colour: str) -> None:
    picture = at_camera(120)
    face = eye.glance(as_preview(picture)).faces[0]

    glance = eye.glance(as_preview(bearded(picture, face, colour)))

    assert glance.covered is False


@pytest.mark.parametrize("factor", [0.45, 0.7, 1.0, 1.3])
def test_dim_and_bright_light_make_no_mask(eye: Eye, factor: float) -> None:
    lit = np.clip(at_camera(120).astype(np.float32) * factor, 0, 255).astype(np.uint8)

    assert Hint.COVERED not in eye.glance(as_preview(lit)).hints


def test_a_picture_without_colour_gives_no_answer(eye: Eye) -> None:
    grey = cv2.cvtColor(cv2.cvtColor(at_camera(120), cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    picture = np.asarray(grey, np.uint8)
    face = eye.glance(as_preview(picture)).faces[0]

    assert mouth_over_forehead(picture, face) is None
    assert not is_covered(picture, face)


def test_likeness_does_not_notice_a_mask_which_is_why_it_is_looked_for(
    eye: Eye, pack: FacePack
) -> None:
    reference = eye.enrol(as_png(astronaut()))
    assert isinstance(reference, Enrolment)

    glance = eye.glance(as_preview(worn(eye, "mask_blue")))

    assert eye.similarity(glance, reference) >= pack.recipe.threshold.login.value
