"""The roster's photo becomes a reference in memory, or a technician is asked (R043, F03)."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.client.face.photographs import Picture, as_png, as_preview, astronaut, at_camera, group
from zhishiyun_client.face.enrolment import LARGEST_BYTES
from zhishiyun_client.face.eye import Eye
from zhishiyun_client.ports.faces import Enrolment, ReferenceFault


def enrolled(eye: Eye, photo: Picture) -> Enrolment:
    made = eye.enrol(as_png(photo))
    assert isinstance(made, Enrolment)
    return made


def jpeg_of_a_phone() -> Picture:
    done, content = cv2.imencode(".jpg", cv2.resize(astronaut(), None, fx=6, fy=6))
    assert done
    return np.asarray(cv2.imdecode(content, cv2.IMREAD_COLOR), np.uint8)


@pytest.mark.parametrize(
    "photo",
    [astronaut(), astronaut()[60:200, 165:285], jpeg_of_a_phone()],
    ids=["portrait", "all face", "3072 px"],
)
def test_any_usual_photo_becomes_the_same_person(eye: Eye, photo: Picture) -> None:
    reference = enrolled(eye, photo)

    assert eye.similarity(eye.glance(as_preview(at_camera())), reference) > 0.8


@pytest.mark.parametrize(
    ("photo", "fault"),
    [
        (b"", ReferenceFault.UNREADABLE),
        (b"%PDF-1.7 not a picture", ReferenceFault.UNREADABLE),
        (as_png(astronaut())[:2000], ReferenceFault.UNREADABLE),
        (b"\xff\xd8" + b"\0" * LARGEST_BYTES, ReferenceFault.UNREADABLE),
        (as_png(np.zeros((10, 9000, 3), np.uint8)), ReferenceFault.UNREADABLE),
        (as_png(np.full((400, 300, 3), 200, np.uint8)), ReferenceFault.NO_FACE),
        (as_png(group()), ReferenceFault.SEVERAL),
        (as_png(at_camera(30)), ReferenceFault.TOO_SMALL),
    ],
    ids=["empty", "PDF", "torn", "huge", "wide", "blank", "group", "tiny"],
)
def test_a_bad_photo_is_refused_with_its_fault(
    eye: Eye, photo: bytes, fault: ReferenceFault
) -> None:
    assert eye.enrol(photo) is fault


def test_a_reference_is_mute_when_printed(eye: Eye) -> None:
    reference = enrolled(eye, astronaut())

    assert "embedding" not in repr(reference)
    assert str(float(reference.embedding[0]))[:6] not in repr(reference)
