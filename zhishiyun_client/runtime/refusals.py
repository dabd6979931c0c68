"""What a disk means when it refuses: no room, or another program holds the file for a moment.

Antivirus programs, backups and search indexes open a file right after it was written. On Windows
others then get ERROR_SHARING_VIOLATION or ERROR_LOCK_VIOLATION, or ERROR_ACCESS_DENIED when a file
is replaced; elsewhere EACCES, EPERM, EAGAIN or EBUSY. It passes: whoever waits loses nothing.
"""

from __future__ import annotations

import enum
import errno
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from zhishiyun_protocol.errors import Transient

Answer = TypeVar("Answer")


def _numbers(*names: str) -> frozenset[int]:
    """Not every system has every error."""
    return frozenset(getattr(errno, name) for name in names if hasattr(errno, name))


_FULL = _numbers("ENOSPC", "EDQUOT", "EFBIG")
_FULL_OF_WINDOWS = frozenset({39, 112})  # ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL
_HELD = _numbers("EACCES", "EPERM", "EAGAIN", "EBUSY", "ETXTBSY")
_HELD_OF_WINDOWS = frozenset({5, 32, 33})  # ACCESS_DENIED, SHARING_VIOLATION, LOCK_VIOLATION
PAUSES_S = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.3)
"""About a second in all: scanning a small file takes milliseconds, a large one tenths of a second.
"""


class Refusal(enum.Enum):
    """Why a disk took nothing."""

    FULL = "full"
    HELD = "held"  # by another program, as far as one can tell
    FAULT = "fault"  # anything else: a cable, a broken sector


def refusal_of(error: OSError) -> Refusal:
    """What an error of the operating system means."""
    windows = getattr(error, "winerror", None)
    if windows in _FULL_OF_WINDOWS or (not windows and error.errno in _FULL):
        return Refusal.FULL
    if windows in _HELD_OF_WINDOWS or (not windows and error.errno in _HELD):
        return Refusal.HELD
    return Refusal.FAULT


def patiently(act: Callable[[], Answer], pauses_s: Iterable[float] = PAUSES_S) -> Answer:
    """Do it, and again after pauses while another program holds the file.

    Raises:
        OSError: it was held all the time, or refused for another reason.
    """
    for pause_s in pauses_s:
        try:
            return act()
        except OSError as error:
            if refusal_of(error) is not Refusal.HELD:
                raise
        time.sleep(pause_s)
    return act()


def held(path: Path) -> Transient:
    """The error of somebody who can come back later for a file that another program holds."""
    return Transient(
        "LOG_HELD",
        f"{path.name} is held by another program for the moment.",
        "录像文件正被其他程序占用，稍后自动重试。",
    )
