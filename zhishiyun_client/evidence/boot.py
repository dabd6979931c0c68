"""Which life of the machine this is: monotonic readings may be compared within one boot only."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil

_LINUX = Path("/proc/sys/kernel/random/boot_id")
_WINDOWS_KEY = (
    r"SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management\PrefetchParameters"
)


def boot_id() -> str:
    """A text that stays the same until the next boot."""
    if _LINUX.exists():
        return _LINUX.read_text("ascii").strip()
    if sys.platform == "darwin":
        answer = subprocess.run(
            ["sysctl", "-n", "kern.bootsessionuuid"], capture_output=True, text=True, timeout=5
        )
        if answer.returncode == 0:
            return answer.stdout.strip()
    if sys.platform == "win32":
        return _windows_boot_id()
    return f"since-{round(psutil.boot_time() / 10)}"


if sys.platform == "win32":
    import winreg

    def _windows_boot_id() -> str:
        """A counter that Windows raises at every boot."""
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, _WINDOWS_KEY) as key:
            value, _kind = winreg.QueryValueEx(key, "BootId")
        return f"boot-{value}"
