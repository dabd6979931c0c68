"""The run file beside a log: each life of the recorder is durable before its first record."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec


class Life(msgspec.Struct, frozen=True, kw_only=True):
    """One life (run) of the recorder, as its RUN record tells it, and how it ended.

    stopped: whether it closed the log itself; a killed one leaves False behind
    """

    run: int
    boot_id: str
    monotonic_us: int
    timeline_us: int
    stopped: bool = False


def run_file(log: Path) -> Path:
    """Where the run file of a log lies."""
    return log.with_suffix(".run")


def read_life(log: Path) -> Life | None:
    """The newest life; None when there was none or its file cannot be read."""
    try:
        return msgspec.json.decode(run_file(log).read_bytes(), type=Life)
    except (OSError, msgspec.DecodeError):
        return None


def write_life(log: Path, life: Life) -> None:
    """Replace the run file; durable, name included, when this returns."""
    path = run_file(log)
    fresh = path.with_suffix(".run.part")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, msgspec.json.encode(life))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    fresh.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable; Windows keeps no such thing and needs none."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
