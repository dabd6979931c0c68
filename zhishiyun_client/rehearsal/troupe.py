"""A few programs of the system that live and die together, even if this process is killed."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from zhishiyun_protocol.errors import Fixable, Transient

_END_WITHIN_S = 3.0
_LOOK_EVERY_S = 0.02
_LOG_TAIL_BYTES = 400

# The leader of the group waits for the end of its input, which comes when this process is gone,
# however it went; then it removes the folder and ends the whole group, itself included.
_LEADER = 'trap "" TERM INT HUP; read -r _; kill -TERM 0; sleep 1; rm -rf -- "$1"; kill -KILL 0'


class Troupe:
    """Programs in one process group of their own, logged to one folder.

    Args:
        folder: a private folder, kept by the caller; every program writes `<name>.log` there.
        environment: for every program, on top of nothing: the caller decides what they inherit.

    Only where there are process groups and a shell: Linux and macOS.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = dict(environment)
        self._members: list[tuple[str, subprocess.Popen[bytes]]] = []
        self._leader: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        """Start the leader, whose end is the end of all."""
        self._leader = subprocess.Popen(
            ["/bin/sh", "-c", _LEADER, "leader", str(self._folder)],
            stdin=subprocess.PIPE,
            process_group=0,
        )

    def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        also: Mapping[str, str] | None = None,
        keep_open: Sequence[int] = (),
    ) -> None:
        """Start one program without waiting for it to be ready.

        Args:
            name: of its log file.
            command: the program and its arguments.
            also: more environment, for this program alone.
            keep_open: file descriptors it inherits.

        Raises: Fixable: the program is not installed.
        """
        if self._leader is None:
            raise RuntimeError("a troupe begins before it plays")
        if shutil.which(command[0], path=self._environment.get("PATH")) is None:
            raise Fixable(
                "REHEARSAL_PROGRAM_MISSING",
                f"{command[0]} is not installed; `make rehearse` installs it",
                f"未安装 {command[0]}，请用 make rehearse 安装",
                program=command[0],
            )
        with self._log(name).open("wb") as log:
            member = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**self._environment, **(also or {})},
                pass_fds=tuple(keep_open),
                process_group=self._leader.pid,
            )
        self._members.append((name, member))

    def wait_until(self, what: str, holds: Callable[[], bool], within_s: float) -> None:
        """Look until `holds` says yes.

        Raises: Transient: it did not within the time, or a program ended before that.
        """
        deadline_s = time.monotonic() + within_s
        while not holds():
            fallen = self.fallen()
            if fallen or time.monotonic() > deadline_s:
                raise Transient(
                    "REHEARSAL_STAND_IN_SILENT",
                    f"{what} did not come up; {fallen or 'nothing'} ended: {self._last_words()}",
                    f"{what} 没有启动成功，请重试",
                    stand_in=what,
                )
            time.sleep(_LOOK_EVERY_S)

    def fallen(self) -> list[str]:
        """The names of programs that have ended by themselves."""
        return [name for name, member in self._members if member.poll() is not None]

    def stop(self) -> None:
        """End all programs, last started first, and wait until none is left."""
        for _name, member in reversed(self._members):
            member.terminate()
        deadline_s = time.monotonic() + _END_WITHIN_S
        for _name, member in reversed(self._members):
            _end(member, deadline_s - time.monotonic())
        self._members.clear()
        if self._leader is not None:
            leader, self._leader = self._leader, None
            _dismiss(leader)

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}.log"

    def _last_words(self) -> str:
        tails = [self._log(name).read_bytes()[-_LOG_TAIL_BYTES:] for name, _ in self._members]
        return " | ".join(tail.decode("utf-8", "replace").strip() for tail in tails if tail)


def _end(member: subprocess.Popen[bytes], within_s: float) -> None:
    try:
        member.wait(max(within_s, 0.1))
    except subprocess.TimeoutExpired:
        member.kill()
        member.wait()


def _dismiss(leader: subprocess.Popen[bytes]) -> None:
    """Kill the whole group at once: what is left of it are grandchildren nobody waits for."""
    os.killpg(leader.pid, 9)
    leader.wait()
    if leader.stdin is not None:
        leader.stdin.close()
