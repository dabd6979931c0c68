"""What encoding the camera costs here: `zhishiyun encode-cost WxH@FPS gpl|free`, prints cores.

A process of its own: the libraries are 60 MB, which a window that lives for hours cannot give back
(docs/measured/memory.md).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from fractions import Fraction
from typing import cast

import av
import numpy as np
from numpy.typing import NDArray

from zhishiyun_client.runtime.pace import at_our_own_pace

ENCODE_S = 3  # seconds of film
X264 = (
    "libx264",
    {
        "preset": "superfast",
        "crf": "32",
        "tune": "zerolatency",
        "x264-params": "aq-mode=0:subme=0",
    },
)
AV1 = ("libsvtav1", {"preset": "12", "crf": "40", "svtav1-params": "rtc=1:pred-struct=1:lp=1"})
"""What the recorder's own tables say (`capture.encoders`), which this floor may not see."""

Picture = NDArray[np.uint8]


def main(arguments: Sequence[str]) -> int:
    """Measure once."""
    shape, kind = arguments
    size, _, fps = shape.partition("@")
    width, _, height = size.partition("x")
    cores = cost_cores(int(width), int(height), int(fps), uses_gpl=kind == "gpl")
    sys.stdout.write(f"{cores:.6f}\n")
    return 0


def cost_cores(width_px: int, height_px: int, fps: int, *, uses_gpl: bool) -> float:
    """CPU seconds that a second of camera costs, in cores.

    x264 runs in this thread alone; SVT-AV1 has its own, so the whole process is counted.
    """
    name, options = X264 if uses_gpl else AV1
    clock_s = time.thread_time if uses_gpl else time.process_time
    encoder = cast("av.VideoCodecContext", av.CodecContext.create(name, "w"))
    encoder.width, encoder.height = width_px, height_px
    encoder.pix_fmt = "yuv420p"
    encoder.framerate = Fraction(fps)
    encoder.time_base = 1 / Fraction(fps)
    encoder.thread_count = 1
    encoder.options = dict(options)
    with at_our_own_pace():
        encoder.open()
    pictures = _moving_pictures(width_px, height_px)
    started_s = clock_s()
    for index in range(ENCODE_S * fps):
        picture = pictures[index % len(pictures)]
        frame = av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format="yuv420p")
        frame.pts = index
        encoder.encode(frame)
    encoder.encode(None)
    return (clock_s() - started_s) / ENCODE_S


def _moving_pictures(width_px: int, height_px: int) -> list[Picture]:
    """A few pictures of soft blobs that drift: as hard as a person before a wall.

    Returns: uint8 (height, width, 3), BGR.
    """
    generator = np.random.default_rng(2026)
    coarse = generator.integers(0, 256, (height_px // 40 + 2, width_px // 40 + 2, 3), np.uint8)
    large = coarse.repeat(40, axis=0).repeat(40, axis=1)
    return [
        np.ascontiguousarray(large[shift : shift + height_px, shift : shift + width_px])
        for shift in range(0, 32, 4)
    ]
