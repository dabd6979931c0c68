"""How much of the processor a real, short encode leaves (R031)."""

from __future__ import annotations

import os
import subprocess

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
from zhishiyun_client.runtime.programs import client_command
from zhishiyun_client.selftest.judging import at_most, result
from zhishiyun_protocol.errors import Broken

SCREEN_WEIGHT = 1.0  # the screen costs about what the camera costs: research/capture.md §3.6
GOOD_SHARE = 0.6  # of what is idle; the rest is for the window, the face check and the system
USABLE_SHARE = 0.9


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
    """CPU seconds that a second of camera costs, in cores; measured by another process.

    Raises:
        Broken: ENCODE_COST_UNKNOWN: it did not come to an end, or the encoder does not work.
    """
    shape = f"{needs.camera_width_px}x{needs.camera_height_px}@{needs.camera_fps}"
    kind = "gpl" if may_use_gpl(needs.gpl_encoders, os.environ) else "free"
    try:
        child = subprocess.run(
            client_command("encode-cost", shape, kind),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=ProcessorCheck.limit_s,
            check=True,
        )
        return float(child.stdout)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise Broken(
            "ENCODE_COST_UNKNOWN",
            f"What recording costs could not be measured: {type(error).__name__}",
            "无法测量录像所需的处理器能力。",
        ) from error
