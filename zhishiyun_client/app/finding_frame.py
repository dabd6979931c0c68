"""A finding that may matter gets one frame of the screen as it was then (R178: people decide)."""

from __future__ import annotations

from typing import Any

from zhishiyun_client.capture.still import NewestScreen
from zhishiyun_client.ports.watching import Cause, Severity

SHOWN_ELSEWHERE = frozenset({Cause.PRESENCE.value, Cause.DEVICE.value})
WITH_FRAME = frozenset(s.name.lower() for s in Severity if s >= Severity.WARNING)


def with_frame(finding: dict[str, Any], screen: NewestScreen) -> dict[str, Any]:
    """The record of a finding that begins, with a frame where it is told to anybody.

    What is only kept gets none, nor does what the camera saw or what a device lacks: its own
    recording shows that.
    """
    begins = finding.get("ended_us") is None
    is_told = finding.get("severity") in WITH_FRAME
    if not begins or not is_told or finding.get("cause") in SHOWN_ELSEWHERE:
        return finding
    still = screen.still()
    return finding if still is None else {**finding, "frame": still}
