"""One second of one encoder, in a process of its own: `zhishiyun encoder-trial NAME WxH@FPS`.

A driver may crash or hang; then only this process is lost. Prints one JSON object.
"""

from __future__ import annotations

import io
import json
import sys
import time
from collections.abc import Sequence
from fractions import Fraction
from typing import IO, cast

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from zhishiyun_client.capture.encoder_choice import Tried
from zhishiyun_client.capture.encoders import (
    CAMERA_ENCODERS,
    CLOCK_HZ,
    PictureEncoder,
    PictureFormat,
    open_pictures,
)

MOST_SHARE = 0.5  # of the time between two pictures; the rest is for everything else
MOST_ERROR = 12.0  # mean of 255 steps of brightness: blocks at low rates give 3, garbage 40
BLOB_PX = 40

Planes = NDArray[np.uint8]


class _Heap:
    """Where packets are laid; like the recorder's sink it can only be written to."""

    def __init__(self) -> None:
        self.data = bytearray()

    def write(self, data: bytes) -> int:
        self.data += data
        return len(data)


def try_encoder(row: PictureEncoder, wanted: PictureFormat) -> Tried:
    """Encode a second, look that nothing is held back, decode it, compare, judge the time."""
    count = round(wanted.fps)
    pictures = _pictures(wanted, count)
    heap = _Heap()
    try:
        took_ms = _encode(row, wanted, pictures, heap)
        shown = _decode(bytes(heap.data), row) if took_ms is not None else []
    except (av.error.FFmpegError, ValueError, MemoryError) as error:
        return Tried(False, f"{type(error).__name__}: {error}")
    if took_ms is None:
        return Tried(False, "holds pictures back")
    if len(shown) != count:
        return Tried(False, f"{len(shown)} of {count} pictures can be decoded")
    mean_ms = sum(took_ms[1:]) / max(1, count - 1)  # the first opens the device
    said = f"{mean_ms:.1f} ms a picture in the trial"
    if mean_ms > MOST_SHARE * 1000 / wanted.fps:
        return Tried(False, said)
    if _error(pictures[-1], shown[-1]) > MOST_ERROR:
        return Tried(False, "gives other pictures than it was given")
    return Tried(True, said)


def main(arguments: Sequence[str]) -> int:
    """Try the row of this name."""
    name, shape = arguments
    row = next(row for row in CAMERA_ENCODERS if row.name == name)
    size, _, fps = shape.partition("@")
    width, _, height = size.partition("x")
    av.logging.set_level(av.logging.PANIC)
    tried = try_encoder(row, PictureFormat(int(width), int(height), float(fps)))
    sys.stdout.write(json.dumps({"works": tried.works, "why": tried.why}) + "\n")
    return 0


def _pictures(wanted: PictureFormat, count: int) -> list[Planes]:
    """Soft blobs that drift before a wall, I420."""
    width_px, height_px = wanted.width_px, wanted.height_px
    chance = np.random.default_rng(2026)
    coarse = chance.integers(40, 216, (height_px // BLOB_PX, width_px // BLOB_PX, 3), np.uint8)
    wall = cv2.resize(coarse, (width_px, height_px), interpolation=cv2.INTER_CUBIC)
    drifting = (np.roll(wall, 3 * number, axis=1) for number in range(count))
    return [cast(Planes, cv2.cvtColor(each, cv2.COLOR_BGR2YUV_I420)) for each in drifting]


def _encode(
    row: PictureEncoder, wanted: PictureFormat, pictures: list[Planes], heap: _Heap
) -> list[float] | None:
    """Milliseconds that each picture took; None when one was held back."""
    container, stream = open_pictures(cast("IO[bytes]", heap), row, wanted)
    took_ms: list[float] = []
    for number, planes in enumerate(pictures):
        began_s = time.perf_counter()
        frame = av.VideoFrame.from_numpy_buffer(planes, format="yuv420p")
        if row.pixels != "yuv420p":
            frame = frame.reformat(format=row.pixels)
        frame.pts = round(number * CLOCK_HZ / wanted.fps)
        frame.time_base = Fraction(1, CLOCK_HZ)
        packets = stream.encode(frame)
        took_ms.append((time.perf_counter() - began_s) * 1000)
        if len(packets) != 1:
            return None
        container.mux(packets)
    container.mux(stream.encode(None))
    container.close()
    return took_ms


def _decode(data: bytes, row: PictureEncoder) -> list[Planes]:
    with av.open(io.BytesIO(data), "r", format=row.container.value) as opened:
        frames = opened.decode(video=0)
        return [cast(Planes, frame.to_ndarray(format="yuv420p")) for frame in frames]


def _error(given: Planes, shown: Planes) -> float:
    if given.shape != shown.shape:
        return 255.0
    return float(np.abs(given.astype(np.int16) - shown).mean())
