"""A share of the machine for a few processes: Linux' control groups, version 1 or 2."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType

ROOT = Path("/sys/fs/cgroup")
PERIOD_US = 20_000  # short, so that a slow machine is imitated and not one that stutters


class ControlGroup:
    """At most so many cores and bytes for whoever is put into it, and for their children.

    Raises on entering:
        OSError: this system has no control groups, or this user may not make one.
    """

    def __init__(self, cores: float, memory_bytes: int) -> None:
        self._cores = cores
        name = f"zhishiyun-{os.getpid()}"
        if (ROOT / "cgroup.controllers").is_file():
            self._folders: tuple[Path, ...] = (ROOT / name,)
            self._limits = {
                ROOT / name / "memory.max": str(memory_bytes),
            }
            self._share = ROOT / name / "cpu.max", "{} " + str(PERIOD_US)
        else:
            cpu, memory = ROOT / "cpu" / name, ROOT / "memory" / name
            self._folders = (cpu, memory)
            self._limits = {
                cpu / "cpu.cfs_period_us": str(PERIOD_US),
                memory / "memory.limit_in_bytes": str(memory_bytes),
            }
            self._share = cpu / "cpu.cfs_quota_us", "{}"

    def __enter__(self) -> ControlGroup:
        for folder in self._folders:
            folder.mkdir()
        for file, limit in self._limits.items():
            file.write_text(limit, "ascii")
        self.limit(self._cores)
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        for folder in self._folders:
            for pid in (folder / "cgroup.procs").read_text("ascii").split():
                (folder.parent / "cgroup.procs").write_text(pid, "ascii")
            folder.rmdir()

    def limit(self, cores: float) -> None:
        """Give so much from now on."""
        file, words = self._share
        file.write_text(words.format(round(PERIOD_US * cores)), "ascii")

    def take(self, pid: int) -> None:
        """Put a process in; its later children are born there."""
        for folder in self._folders:
            (folder / "cgroup.procs").write_text(str(pid), "ascii")

    def pids(self) -> set[int]:
        """Who is in it."""
        return {int(pid) for pid in (self._folders[0] / "cgroup.procs").read_text("ascii").split()}
