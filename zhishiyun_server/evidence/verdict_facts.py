"""What an export says of a log: what was proved, and the gaps with their kinds."""

from __future__ import annotations

from typing import Any

import msgspec

from zhishiyun_protocol.evidence.contents import Gap
from zhishiyun_protocol.evidence.verify import Verdict
from zhishiyun_server.domain.gaps import CLASSES


def log_facts(verdict: Verdict) -> dict[str, Any]:
    """The log as it was proved."""
    return {
        "length": verdict.length,
        "records": verdict.records,
        "head": verdict.head,
        "sha256": verdict.sha256,
        "complete": verdict.is_whole,
        "faults": verdict.faults,
    }


def gap_facts(gap: Gap) -> dict[str, Any]:
    """One gap, and whose doing its cause is."""
    return {**msgspec.to_builtins(gap), "class": CLASSES[gap.cause].value}
