"""The preview: the newest whole picture, never a half one, never on disk."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from zhishiyun_client.capture.changes import Planes
from zhishiyun_client.capture.preview_memory import PreviewMemory, PreviewReader
from zhishiyun_client.runtime.worker import Worker


@pytest.fixture
def memory() -> Iterator[PreviewMemory]:
    made = PreviewMemory()
    yield made
    made.close()


@pytest.fixture
def reader(memory: PreviewMemory) -> Iterator[PreviewReader]:
    looking = PreviewReader()
    looking.look_at(memory.name)
    yield looking
    looking.close()


def show(memory: PreviewMemory, value: int, width: int = 640, height: int = 360) -> None:
    memory.put(memoryview(bytes([value]) * (width * height * 3)), width, height)


def test_there_is_no_picture_before_the_first(reader: PreviewReader) -> None:
    assert reader.latest() is None


def test_the_newest_picture_is_seen_with_its_size(
    memory: PreviewMemory, reader: PreviewReader
) -> None:
    show(memory, 1)
    show(memory, 2, 480, 360)

    frame = reader.latest()
    assert frame is not None
    assert (frame.sequence, frame.width_px, frame.height_px) == (2, 480, 360)
    assert set(bytes(frame.bgr)) == {2}
    assert reader.latest() is frame


def test_a_lost_camera_shows_nothing(memory: PreviewMemory, reader: PreviewReader) -> None:
    show(memory, 1)
    assert reader.latest() is not None
    memory.clear()
    assert reader.latest() is None


def test_a_reader_survives_the_end_of_the_recorder() -> None:
    first, second = PreviewMemory(), PreviewMemory()
    looking = PreviewReader()
    looking.look_at(first.name)
    show(first, 1)
    assert looking.latest() is not None
    first.close()
    looking.latest()
    looking.look_at(first.name + "-gone")
    assert looking.latest() is None
    looking.look_at(second.name)
    show(second, 7)
    frame = looking.latest()

    assert frame is not None
    assert bytes(frame.bgr[:1]) == b"\x07"
    looking.close()
    second.close()


def test_no_half_picture_is_ever_seen(memory: PreviewMemory, reader: PreviewReader) -> None:
    class Painter(Worker):
        value = 0

        def turn(self, stop: threading.Event) -> None:
            self.value = (self.value + 1) % 256
            show(memory, self.value, 64, 36)

    painter = Painter("painter", print)
    painter.start()
    seen, mixed = set(), 0
    while len(seen) < 200:
        frame = reader.latest()
        if frame is not None and frame.sequence not in seen:
            seen.add(frame.sequence)
            mixed += len(set(bytes(frame.bgr))) != 1
    assert painter.stop(3)

    assert mixed == 0


def test_a_picture_made_in_place_is_the_one_that_is_seen(
    memory: PreviewMemory, reader: PreviewReader
) -> None:
    planes = Planes(1280, 720)
    soft = cv2.resize(np.random.default_rng(3).integers(0, 256, (6, 10, 3), np.uint8), (1280, 720))
    planes.convert(np.asarray(soft, np.uint8), cv2.COLOR_BGR2YUV_I420, None)

    memory.make(
        640,
        360,
        lambda slot: planes.small(
            (640, 360), to=np.frombuffer(slot, np.uint8).reshape(360, 640, 3)
        ),
    )

    frame = reader.latest()
    assert frame is not None
    assert bytes(frame.bgr) == planes.small((640, 360)).tobytes()
