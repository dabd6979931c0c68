"""What a camera's picture costs in each software encoder: processor, bits, worst picture, likeness.

The demonstration film at 15 a second as it is, and with a sensor's noise on it, through the very
rows of `capture.encoders`; for SVT-AV1 also as on a processor without AVX2. Rounds are interleaved.
Ours is the default row, the anchor the row without GPL: processor milliseconds a picture.
"""

from __future__ import annotations

import io
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import IO, cast

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.outcome import report
from zhishiyun_client.capture.encoders import (
    AV1_CAMERA,
    CLOCK_HZ,
    X264_CAMERA,
    PictureEncoder,
    PictureFormat,
    open_pictures,
)
from zhishiyun_client.rehearsal.devices import Media

FILM = Media.of(Path(__file__).resolve().parents[1] / "resources").film
WANTED = PictureFormat(1280, 720, 15)
PICTURES = 150
KEY_EVERY = 150
NOISE = 4.0  # steps of 255, standard deviation: a small sensor in a room by lamplight
ROUNDS = 3
ROWS = {
    "x264": X264_CAMERA,
    "x264 as it was": replace(
        X264_CAMERA,
        options={**X264_CAMERA.options, "crf": "33", "x264-params": "aq-mode=1:subme=1"},
    ),
    "x264, SSE4.2": replace(
        X264_CAMERA,
        options={
            **X264_CAMERA.options,
            "x264-params": X264_CAMERA.options["x264-params"]
            + ":asm=MMX2,SSE,SSE2,SSE3,SSSE3,SSE4,SSE4.2",
        },
    ),
    "SVT-AV1": AV1_CAMERA,
    "SVT-AV1, SSE4.2": replace(
        AV1_CAMERA,
        options={
            **AV1_CAMERA.options,
            "svtav1-params": AV1_CAMERA.options["svtav1-params"] + ":asm=sse4_2",
        },
    ),
}

Picture = NDArray[np.uint8]


@dataclass
class Cost:
    """What one row showed, over the rounds."""

    cpu_ms: list[float] = field(default_factory=list)
    worst_ms: list[float] = field(default_factory=list)
    kbps: float = 0.0
    psnr_db: float = 0.0
    delay: int = 0


class _Heap:
    def __init__(self) -> None:
        self.data = bytearray()

    def write(self, data: bytes) -> int:
        self.data += data
        return len(data)


def main() -> int:
    """Measure every row on both films."""
    av.logging.set_level(av.logging.ERROR)
    cv2.setNumThreads(1)
    plain = _film()
    ours: list[float] = []
    anchor: list[float] = []
    for name, pictures in (("as it is", plain), ("with noise", _noisy(plain))):
        costs = {row: Cost() for row in ROWS}
        for _ in range(ROUNDS):
            for row, cost in costs.items():
                _measure(ROWS[row], pictures, cost)
        _print(name, costs)
        ours += costs["x264"].cpu_ms
        anchor += costs["SVT-AV1"].cpu_ms
    report("encoders", ours, anchor, "ms a picture")
    return 0


def _film() -> list[Picture]:
    data = FILM.read_bytes()
    pictures: list[Picture] = []
    at = data.find(b"\xff\xd8\xff")
    while at >= 0:
        end = data.find(b"\xff\xd9", at) + 2
        decoded = cv2.imdecode(np.frombuffer(data[at:end], np.uint8), cv2.IMREAD_COLOR)
        pictures.append(cast(Picture, decoded))
        at = data.find(b"\xff\xd8\xff", end)
    return [pictures[2 * number % len(pictures)] for number in range(PICTURES)]


def _noisy(plain: Sequence[Picture]) -> list[Picture]:
    chance = np.random.default_rng(2026)
    bank = [chance.normal(0, NOISE, (800, 1400, 3)).astype(np.int16) for _ in range(5)]
    noisy = []
    for number, picture in enumerate(plain):
        top, left = chance.integers(0, 80), chance.integers(0, 120)
        grain = bank[number % 5][top : top + 720, left : left + 1280]
        noisy.append(np.clip(picture + grain, 0, 255).astype(np.uint8))
    return noisy


def _measure(row: PictureEncoder, pictures: Sequence[Picture], cost: Cost) -> None:
    heap, out = _Heap(), 0
    container, stream = open_pictures(cast("IO[bytes]", heap), row, WANTED)
    planes = np.empty((WANTED.height_px * 3 // 2, WANTED.width_px), np.uint8)
    used_s, worst_ms = 0.0, 0.0
    for number, picture in enumerate(pictures):
        cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420, dst=planes)
        frame = av.VideoFrame.from_numpy_buffer(planes, format="yuv420p")
        frame.pts, frame.time_base = number * CLOCK_HZ // 15, Fraction(1, CLOCK_HZ)
        is_key = number % KEY_EVERY == 0
        frame.pict_type = (
            av.video.frame.PictureType.I if is_key else av.video.frame.PictureType.NONE
        )
        before_s, began_s = time.process_time(), time.perf_counter()
        packets = stream.encode(frame)
        container.mux(packets)
        worst_ms = max(worst_ms, (time.perf_counter() - began_s) * 1000)
        used_s += time.process_time() - before_s
        out += len(packets)
        cost.delay = max(cost.delay, number + 1 - out)
    container.mux(stream.encode(None))
    container.close()
    cost.cpu_ms.append(used_s * 1000 / len(pictures))
    cost.worst_ms.append(worst_ms)
    cost.kbps = len(heap.data) * 8 / (len(pictures) / WANTED.fps) / 1000
    cost.psnr_db = cost.psnr_db or _psnr(bytes(heap.data), row, pictures)


def _psnr(data: bytes, row: PictureEncoder, pictures: Sequence[Picture]) -> float:
    """Likeness of every tenth picture's brightness."""
    found = []
    with av.open(io.BytesIO(data), "r", format=row.container.value) as opened:
        for number, frame in enumerate(opened.decode(video=0)):
            if number % 10 == 0:
                shown = frame.to_ndarray(format="yuv420p")[: WANTED.height_px]
                given = cv2.cvtColor(pictures[number], cv2.COLOR_BGR2YUV_I420)[: WANTED.height_px]
                error = (given.astype(np.float32) - shown.astype(np.float32)) ** 2
                found.append(10 * np.log10(255**2 / max(float(error.mean()), 1e-9)))
    return float(statistics.mean(found))


def _print(film: str, costs: dict[str, Cost]) -> None:
    print(f"{film}: row | CPU ms a picture | kbit/s | PSNR dB | worst ms | held back")
    for row, cost in costs.items():
        print(
            f"  {row:16} | {statistics.median(cost.cpu_ms):5.2f} | {cost.kbps:5.0f} "
            f"| {cost.psnr_db:4.1f} | {statistics.median(cost.worst_ms):5.1f} | {cost.delay}"
        )


if __name__ == "__main__":
    sys.exit(main())
