"""Which program a process is."""

from __future__ import annotations

import psutil


def program_of(pid: int) -> str:
    """A process's file name; "" when there is none or nobody may look."""
    if not pid:
        return ""
    try:
        return str(psutil.Process(pid).name())
    except psutil.Error:
        return ""


def path_of(pid: int) -> str:
    """A process's program; "" when there is none or nobody may look."""
    try:
        return str(psutil.Process(pid).exe() or "")
    except psutil.Error:
        return ""
