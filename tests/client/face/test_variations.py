"""The same person on another day: light, noise, distance and a poor line do not lock anyone out."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.client.face.photographs import Picture, as_png, as_preview, astronaut, at_camera
from zhishiyun_client.face.eye import Eye
from zhishiyun_client.face.pack import FacePack
from zhishiyun_client.ports.faces import Enrolment


def lit(factor: float) -> Picture:
    return np.clip(at_camera().astype(np.float32) * factor, 0, 255).astype(np.uint8)


def noisy(sigma: float) -> Picture:
    noise = np.random.default_rng(3).normal(0, sigma, (360, 640, 3))
    return np.clip(at_camera() + noise, 0, 255).astype(np.uint8)


def squeezed(quality: int) -> Picture:
    done, content = cv2.imencode(".jpg", at_camera(), [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done
    return np.asarray(cv2.imdecode(content, cv2.IMREAD_COLOR), np.uint8)


def tilted(angle_deg: float) -> Picture:
    turn = cv2.getRotationMatrix2D((320, 190), angle_deg, 1.0)
    return np.asarray(cv2.warpAffine(at_camera(), turn, (640, 360)), np.uint8)


def tinted() -> Picture:
    return np.clip(at_camera() * np.array([0.7, 1.0, 1.15]), 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    "picture",
    [
        lit(0.4),
        lit(1.4),
        noisy(15),
        squeezed(20),
        tilted(20),
        tinted(),
        np.asarray(cv2.GaussianBlur(at_camera(), (0, 0), 1.5), np.uint8),
        np.ascontiguousarray(at_camera()[:, ::-1]),
        at_camera(85, (200, 150)),
        at_camera(180, (380, 200)),
    ],
    ids=["dim", "bright", "noise", "jpeg", "tilt", "lamp", "blur", "mirrored", "far", "near"],
)
def test_the_same_person_is_recognised(eye: Eye, pack: FacePack, picture: Picture) -> None:
    reference = eye.enrol(as_png(astronaut()))
    glance = eye.glance(as_preview(picture))

    assert isinstance(reference, Enrolment)
    assert glance.counts
    assert eye.similarity(glance, reference) >= pack.recipe.threshold.login.value + 0.1
