"""Room and speed of the disk on which the recording will lie (R031, R154)."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from zhishiyun_client.ports.checks import (
    Advice,
    CheckContext,
    CheckId,
    CheckResult,
    Needs,
    Unit,
)
from zhishiyun_client.selftest.judging import at_least, failed, result

GIB = 1024**3
MIB = 1024**2
RECORDING_KBPS = 1300  # Source: research/capture.md §3.6: 1.1-1.3 Mbit/s for all three tracks
ROOM_FACTOR = 3.0  # a noisy picture costs up to three times as much before quality gives way
SPARE_BYTES = 512 * MIB  # what the system itself needs to go on living

# One second of all tracks is 160 KiB: 5 MiB/s, flushed to the disk, is thirty times that, and a
# virus scanner may take its share. Source: research/capture.md §2.6 (0.55 ms a flush on an SSD).
GOOD_MIB_PER_S = 5.0
USABLE_MIB_PER_S = 1.0
PIECE_BYTES = 256 * 1024
WRITE_FOR_S = 1.5
MOST_BYTES = 64 * MIB


def room_needed_bytes(needs: Needs) -> int:
    """How much the longest recording may take, with room for the system. Pure."""
    recording_bytes = needs.recording_s * RECORDING_KBPS * 1000 / 8
    return round(recording_bytes * ROOM_FACTOR) + SPARE_BYTES


class DiskCheck:
    """Room."""

    id = CheckId.DISK
    limit_s = 5.0
    is_required = True

    def run(self, context: CheckContext) -> CheckResult:
        """Compare what is free with what the exam may take."""
        free_bytes = psutil.disk_usage(str(context.folder)).free
        return judge_room(free_bytes, context.needs)


def judge_room(free_bytes: int, needs: Needs) -> CheckResult:
    """Enough for a costly recording passes; enough for an ordinary one is weak. Pure."""
    good_bytes = room_needed_bytes(needs)
    usable_bytes = (good_bytes - SPARE_BYTES) / ROOM_FACTOR + SPARE_BYTES / 2
    return result(
        CheckId.DISK,
        at_least(free_bytes, good_bytes, usable_bytes),
        free_bytes / GIB,
        Unit.GIB,
        round(good_bytes / GIB, 1),
        advice=Advice.DISK_LOW,
        is_required=True,
    )


class DiskSpeedCheck:
    """Speed of writing that is flushed to the disk, as the evidence log is."""

    id = CheckId.DISK_SPEED
    limit_s = 20.0
    is_required = True

    def run(self, context: CheckContext) -> CheckResult:
        """Write and flush pieces for a while; the file has no name a scanner would like."""
        started_s = time.monotonic()
        slowest_s = 0.0
        written_bytes = 0
        try:
            with _scratch(context.folder) as handle:
                while time.monotonic() - started_s < WRITE_FOR_S and written_bytes < MOST_BYTES:
                    piece_s = time.monotonic()
                    written_bytes += os.write(handle, os.urandom(PIECE_BYTES))
                    os.fsync(handle)
                    slowest_s = max(slowest_s, time.monotonic() - piece_s)
        except OSError:
            return failed(self.id, Advice.DISK_READ_ONLY, is_required=True)
        mib_per_s = written_bytes / MIB / (time.monotonic() - started_s)
        return result(
            self.id,
            at_least(mib_per_s, GOOD_MIB_PER_S, USABLE_MIB_PER_S),
            mib_per_s,
            Unit.MIB_PER_S,
            GOOD_MIB_PER_S,
            advice=Advice.DISK_SLOW,
            noted=(("slowest_flush_ms", f"{slowest_s * 1000:.1f}"),),
        )


@contextlib.contextmanager
def _scratch(folder: Path) -> Iterator[int]:
    handle, name = tempfile.mkstemp(prefix="speed-", dir=folder)
    try:
        yield handle
    finally:
        os.close(handle)
        Path(name).unlink()
