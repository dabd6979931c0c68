"""The computer stays awake: a small program of the system holds it so, and ends with us."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from zhishiyun_client.ports.locking import Before, NotHere

ENDS_WITHIN_S = 1.0

# Each runs `cat` on a pipe of ours: when this process dies, however it dies, the pipe closes, cat
# ends and with it the hold. Nothing has to be undone by anybody.
SYSTEMD = ("systemd-inhibit", "--what=idle:sleep", "--who=zhishiyun", "--why=exam", "--mode=block")
CAFFEINATE = ("caffeinate", "-d", "-i", "-s")
BOOTED_WITH_SYSTEMD = Path("/run/systemd/system")  # Source: sd_booted(3)


class AwakeStep:
    """No sleep by idleness or by the menu. Thread: one at a time.

    Args:
        holder:  a command that keeps awake while the program at its end runs.
        is_here: whether the holder can do its work on this machine.
    """

    name = "awake"

    def __init__(self, holder: Sequence[str], is_here: Callable[[], bool]) -> None:
        self._holder = tuple(holder)
        self._is_here = is_here
        self._child: subprocess.Popen[bytes] | None = None

    def look(self) -> Before:
        """Nothing to remember. Raises `NotHere` where there is no such program."""
        if shutil.which(self._holder[0]) is None or not self._is_here():
            raise NotHere("NO_INHIBITOR")
        return {}

    def apply(self) -> None:
        """Start the holder."""
        self._child = subprocess.Popen(
            [*self._holder, "cat"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def undo(self, _before: Before) -> None:
        """Close its pipe; nothing to do where another process held it."""
        child, self._child = self._child, None
        if child is None or child.stdin is None:
            return
        child.stdin.close()
        try:
            child.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def systemd_awake() -> AwakeStep:
    """By logind, where the system was started by systemd."""
    return AwakeStep(SYSTEMD, BOOTED_WITH_SYSTEMD.is_dir)


def macos_awake() -> AwakeStep:
    """By caffeinate, which is part of macOS."""
    return AwakeStep(CAFFEINATE, lambda: True)
