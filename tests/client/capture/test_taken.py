"""A camera's JPEG is recorded and shown without a way by BGR, and looks the same."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from zhishiyun_client.capture.changes import Planes
from zhishiyun_client.capture.taken import JpegDecoder, JpegPicture, PixelPicture

Pixels = NDArray[np.uint8]
MOST_ERROR = 2.5  # mean of 255 steps


def portrait(height_px: int = 720) -> Pixels:
    """Soft colours, from black to white."""
    coarse = np.random.default_rng(5).integers(0, 256, (6, 10, 3), np.uint8)
    width_px = height_px * 16 // 9
    return np.asarray(cv2.resize(coarse, (width_px, height_px)), np.uint8)


def jpeg(picture: Pixels, sampling: int = cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420) -> Pixels:
    options = [cv2.IMWRITE_JPEG_QUALITY, 95, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, sampling]
    done, data = cv2.imencode(".jpg", picture, options)
    assert done
    return np.asarray(data, np.uint8).reshape(1, -1)  # as V4L2 hands it over


def decoded(data: Pixels) -> JpegPicture:
    picture = JpegDecoder().decode(data)
    assert picture is not None
    return picture


def error(one: Pixels, other: Pixels) -> float:
    assert one.shape == other.shape
    return float(np.abs(one.astype(np.int16) - other).mean())


@pytest.mark.parametrize(
    "sampling",
    [
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
    ],
)
@pytest.mark.parametrize("size", [(1280, 720), (640, 360), (322, 180)])
def test_what_the_encoder_gets_is_what_the_way_by_bgr_gives(
    sampling: int, size: tuple[int, int]
) -> None:
    data = jpeg(portrait(), sampling)
    planes = Planes(*size)

    assert planes.take(decoded(data).content)

    by_bgr = cv2.imdecode(data, cv2.IMREAD_COLOR)
    smaller = cv2.resize(by_bgr, size, interpolation=cv2.INTER_AREA)
    wanted = np.asarray(cv2.cvtColor(smaller, cv2.COLOR_BGR2YUV_I420), np.uint8)
    assert error(planes.array, wanted) < MOST_ERROR
    assert int(planes.array.min()) >= 16
    assert int(planes.array.max()) <= 240


def test_a_picture_of_another_shape_is_not_squeezed() -> None:
    assert not Planes(640, 480).take(decoded(jpeg(portrait())).content)


def test_the_small_and_the_whole_picture_are_those_of_opencv() -> None:
    data = jpeg(portrait())
    by_bgr = PixelPicture(np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8))
    picture = decoded(data)

    assert picture.size_px == by_bgr.size_px == (1280, 720)
    assert error(picture.whole(), by_bgr.whole()) < MOST_ERROR
    for size in ((640, 360), (480, 270)):
        small = picture.small(size)
        assert error(small, by_bgr.small(size)) < MOST_ERROR
        assert small.flags.c_contiguous


def test_a_grey_jpeg_is_a_picture_too() -> None:
    grey = np.asarray(cv2.cvtColor(portrait(360), cv2.COLOR_BGR2GRAY), np.uint8)
    _, data = cv2.imencode(".jpg", grey)

    picture = decoded(np.asarray(data, np.uint8))

    assert not Planes(640, 360).take(picture.content)
    assert error(picture.small((320, 180))[..., 0], np.asarray(cv2.resize(grey, (320, 180)))) < 4
    assert picture.whole().shape == (360, 640, 3)


def test_bytes_that_are_no_picture_give_none() -> None:
    decoder, whole = JpegDecoder(), jpeg(portrait(360))

    assert decoder.decode(np.zeros((1, 4000), np.uint8)) is None
    assert decoder.decode(whole[:, :200]) is None
    assert decoder.decode(whole) is not None


@pytest.mark.parametrize("size", [(640, 360), (480, 270), (1280, 720)])
def test_what_is_recorded_can_be_shown_without_the_jpeg(size: tuple[int, int]) -> None:
    picture, planes = decoded(jpeg(portrait())), Planes(1280, 720)
    planes.take(picture.content)

    assert error(planes.small(size), picture.small(size)) < MOST_ERROR
