"""What the machine itself is and has: system, memory, power, a restart that waits (R031, R037)."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

import psutil

from zhishiyun_client.ports.checks import (
    Advice,
    CheckContext,
    CheckId,
    CheckResult,
    Outcome,
    Unit,
)
from zhishiyun_client.selftest.judging import at_least, result, skipped

GIB = 1024**3
QUICK_S = 5.0

# The oldest systems the window's library supports. Source: Qt 6.11, supported platforms: Windows 10
# 1809 is build 17763, macOS 13; Linux with the kernel of the oldest distribution listed there.
OLDEST = {"win32": (10, 0, 17763), "darwin": (13, 0, 0), "linux": (5, 4, 0)}

# Free memory. Source: the client's two processes held 229 MB while recording
# (research/capture.md §3.6), the face engine about 300 MB more, and the system needs room.
GOOD_FREE_GIB = 1.5
USABLE_FREE_GIB = 0.7

GOOD_CHARGE_SHARE = 0.8  # on battery: an hour and a half of recording takes about half of one
USABLE_CHARGE_SHARE = 0.5


class SystemCheck:
    """The version of the operating system."""

    id = CheckId.SYSTEM
    limit_s = QUICK_S
    is_required = False

    def run(self, context: CheckContext) -> CheckResult:
        """Old systems fail; an unknown one is only weak."""
        version = version_numbers(sys.platform)
        oldest = OLDEST.get(sys.platform)
        if oldest is None or not version:
            outcome = Outcome.WEAK
        else:
            outcome = Outcome.PASSED if version >= oldest else Outcome.FAILED
        noted = (
            ("system", platform.system()),
            ("version", ".".join(map(str, version))),
            ("oldest", ".".join(map(str, oldest or ()))),
            ("machine", platform.machine()),
        )
        return result(
            self.id, outcome, None, Unit.NONE, None, advice=Advice.SYSTEM_OLD, noted=noted
        )


def version_numbers(system: str) -> tuple[int, ...]:
    """The system's version as numbers that can be compared; empty when unknown."""
    if system == "darwin":
        words = platform.mac_ver()[0]
    elif system == "win32":
        words = platform.version()
    else:
        words = platform.release().split("-")[0]
    numbers = [int(word) for word in words.split(".") if word.isdigit()]
    return tuple((*numbers, 0, 0, 0)[:3]) if numbers else ()


class MemoryCheck:
    """Memory that is free now."""

    id = CheckId.MEMORY
    limit_s = QUICK_S
    is_required = False

    def run(self, context: CheckContext) -> CheckResult:
        """Compare what is available."""
        memory = psutil.virtual_memory()
        free_gib = memory.available / GIB
        return result(
            self.id,
            at_least(free_gib, GOOD_FREE_GIB, USABLE_FREE_GIB),
            free_gib,
            Unit.GIB,
            GOOD_FREE_GIB,
            advice=Advice.MEMORY_LOW,
            noted=(("total_gib", f"{memory.total / GIB:.1f}"),),
        )


class BatteryCheck:
    """Where the power comes from."""

    id = CheckId.BATTERY
    limit_s = QUICK_S
    is_required = False

    def run(self, context: CheckContext) -> CheckResult:
        """Mains, or a charge that lasts."""
        sensors = getattr(psutil, "sensors_battery", None)  # not on every system
        try:
            battery = sensors() if sensors is not None else None
        except OSError:  # a system without /sys/class/power_supply has no battery to ask
            battery = None
        if battery is None:
            return result(
                self.id, Outcome.PASSED, None, Unit.NONE, None, noted=(("source", "mains"),)
            )
        return judge_battery(battery.percent / 100, is_plugged=bool(battery.power_plugged))


def judge_battery(charge_share: float, *, is_plugged: bool) -> CheckResult:
    """A plugged machine passes whatever its charge. Pure."""
    outcome = (
        Outcome.PASSED
        if is_plugged
        else at_least(charge_share, GOOD_CHARGE_SHARE, USABLE_CHARGE_SHARE)
    )
    return result(
        CheckId.BATTERY,
        outcome,
        charge_share,
        Unit.SHARE,
        GOOD_CHARGE_SHARE,
        advice=Advice.BATTERY_LOW,
        noted=(("source", "mains" if is_plugged else "battery"),),
    )


class SleepCheck:
    """A restart that an update is waiting for (R037): it must not come during the exam."""

    id = CheckId.SLEEP
    limit_s = QUICK_S
    is_required = False

    def run(self, context: CheckContext) -> CheckResult:
        """Ask the system; where it does not tell, the check is skipped."""
        pending = restart_pending()
        if pending is None:
            return skipped(self.id)
        outcome = Outcome.WEAK if pending else Outcome.PASSED
        return result(
            self.id,
            outcome,
            float(len(pending)),
            Unit.COUNT,
            None,
            advice=Advice.RESTART_PENDING,
            noted=tuple(("asked_by", who) for who in pending),
        )


if sys.platform == "win32":
    import winreg

    # Source: Microsoft, "pending reboot" keys of Windows Update and of component servicing.
    # PendingFileRenameOperations is left out: ordinary installers leave it behind for weeks.
    _KEYS = {
        "windows_update": r"SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate"
        r"\Auto Update\RebootRequired",
        "servicing": r"SOFTWARE\Microsoft\Windows\CurrentVersion"
        r"\Component Based Servicing\RebootPending",
    }

    def restart_pending() -> tuple[str, ...] | None:
        """Who wants a restart; None when the system does not tell."""
        return tuple(who for who, key in _KEYS.items() if _key_exists(key))

    def _key_exists(key: str) -> bool:
        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, key):
                return True
        except OSError:
            return False

elif sys.platform == "darwin":

    def restart_pending() -> tuple[str, ...] | None:
        """Who wants a restart; None when the system does not tell."""
        return None  # macOS asks before it restarts, and never by itself while one works

else:
    REQUIRED = (Path("/run/reboot-required"), Path("/var/run/reboot-required"))

    def restart_pending() -> tuple[str, ...] | None:
        """Who wants a restart; None when the system does not tell."""
        return ("packages",) if any(path.exists() for path in REQUIRED) else ()
