"""How much of the processor a real, short encode leaves (R031)."""

from __future__ import annotations

import os
import time
from fractions import Fraction
from typing import TYPE_CHECKING, cast

import psutil

from zhishiyun_client.ports.checks import (
    Advice,
    Bound,
    CheckContext,
    CheckId,
    CheckResult,
    Needs,
    Unit,
)
from zhishiyun_client.ports.encoding import may_use_gpl
from zhishiyun_client.selftest.judging import at_most, result

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Picture = npt.NDArray[np.uint8]

ENCODE_S = 3  # seconds of film
SCREEN_WEIGHT = 1.0  # the screen costs about what the camera costs: research/capture.md §3.6
GOOD_SHARE = 0.6  # of what is idle; the rest is for the window, the face check and the system
USABLE_SHARE = 0.9
X264 = ("libx264", {"preset": "superfast", "crf": "33", "tune": "zerolatency"})
AV1 = ("libsvtav1", {"preset": "12", "crf": "40", "svtav1-params": "rtc=1:pred-struct=1:lp=1"})
"""What the recorder's own tables say (`capture.encoders`), which this floor may not see."""


class ProcessorCheck:
    """Encodes some seconds of moving picture and compares the cost with what is idle."""

    id = CheckId.PROCESSOR
    limit_s = 60.0
    is_required = False

    def run(self, context: CheckContext) -> CheckResult:
        """Measure what is idle, then what recording costs."""
        idle_cores = measure_idle_cores()
        cost_cores = measure_encode_cores(context.needs) * (1 + SCREEN_WEIGHT)
        return judge(cost_cores, idle_cores)


def judge(cost_cores: float, idle_cores: float) -> CheckResult:
    """Which share of the idle processor recording takes. Pure."""
    share = cost_cores / max(idle_cores, 0.01)
    return result(
        CheckId.PROCESSOR,
        at_most(share, GOOD_SHARE, USABLE_SHARE),
        share,
        Unit.SHARE,
        GOOD_SHARE,
        bound=Bound.AT_MOST,
        advice=Advice.PROCESSOR_SLOW,
        noted=(
            ("cost_cores", f"{cost_cores:.2f}"),
            ("idle_cores", f"{idle_cores:.2f}"),
            ("cores", str(psutil.cpu_count() or 0)),
        ),
    )


def measure_idle_cores(for_s: float = 1.0) -> float:
    """How many cores have nothing to do."""
    busy_share = psutil.cpu_percent(interval=for_s) / 100
    return float((psutil.cpu_count() or 1) * (1 - busy_share))


def measure_encode_cores(needs: Needs) -> float:
    """CPU seconds that a second of camera costs, in cores.

    x264 runs in this thread alone; SVT-AV1 has its own, so the whole process is counted.
    """
    import av

    width_px, height_px = needs.camera_width_px, needs.camera_height_px
    uses_gpl = may_use_gpl(needs.gpl_encoders, os.environ)
    name, options = X264 if uses_gpl else AV1
    clock_s = time.thread_time if uses_gpl else time.process_time
    encoder = cast("av.VideoCodecContext", av.CodecContext.create(name, "w"))
    encoder.width, encoder.height = width_px, height_px
    encoder.pix_fmt = "yuv420p"
    encoder.framerate = Fraction(needs.camera_fps)
    encoder.time_base = 1 / Fraction(needs.camera_fps)
    encoder.thread_count = 1
    encoder.options = dict(options)
    pictures = _moving_pictures(width_px, height_px)
    started_s = clock_s()
    for index in range(ENCODE_S * needs.camera_fps):
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
    import numpy as np

    generator = np.random.default_rng(2026)
    coarse = generator.integers(0, 256, (height_px // 40 + 2, width_px // 40 + 2, 3), np.uint8)
    large = coarse.repeat(40, axis=0).repeat(40, axis=1)
    return [
        np.ascontiguousarray(large[shift : shift + height_px, shift : shift + width_px])
        for shift in range(0, 32, 4)
    ]
