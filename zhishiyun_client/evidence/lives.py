"""The run file beside a log: each life of the recorder is durable before its first record."""

from __future__ import annotations

from pathlib import Path

import msgspec

from zhishiyun_client.runtime.durable import read_patiently, replace_durably


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
    """The newest life; None when there was none, or its file is no run file.

    Raises:
        OSError: it cannot be read now. It must not be guessed: a run's number is used once.
    """
    try:
        return msgspec.json.decode(read_patiently(run_file(log)), type=Life)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def write_life(log: Path, life: Life) -> None:
    """Replace the run file; durable, name included, when this returns. Raises OSError."""
    replace_durably(run_file(log), msgspec.json.encode(life))
