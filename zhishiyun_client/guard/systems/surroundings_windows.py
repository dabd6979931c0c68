"""What Windows tells of the session, the firmware and sleep: metrics and readable registry keys.

No WMI and nothing that needs administrator rights. A host with Hyper-V switched on names its real
maker here; only a guest is called "Virtual Machine".
"""

from __future__ import annotations

import ctypes
import os
import re
import sys
from collections.abc import Iterable

from zhishiyun_client.guard.systems.power import battery
from zhishiyun_client.ports.surroundings import Battery, Camera, DeviceUse, Hardware, Sign

SM_REMOTESESSION = 0x1000
SM_REMOTECONTROL = 0x2001
BIOS_KEY = r"HARDWARE\DESCRIPTION\System\BIOS"
BIOS_VALUES = ("SystemManufacturer", "SystemProductName", "BIOSVendor", "BaseBoardManufacturer")
PCI_KEY = r"SYSTEM\CurrentControlSet\Enum\PCI"
TERMINAL_KEY = r"SYSTEM\CurrentControlSet\Control\Terminal Server"
UNITS_A_SECOND = 10_000_000  # of 100 ns
MS_A_SECOND = 1000
_VENDOR = re.compile(r"VEN_([0-9A-F]{4})", re.IGNORECASE)


def session_signs(
    *, metric: bool, controlled: bool, session_name: str, glass_differs: bool
) -> tuple[Sign, ...]:
    """What speaks for remote desktop. Pure. The metric alone misses RemoteFX (Microsoft)."""
    signs = {
        "session": metric,
        "controlled": controlled,
        "session_name": session_name.casefold().startswith(("rdp-", "ica-")),
        "glass_session": glass_differs,
    }
    return tuple(Sign(name, is_strong=True) for name, holds in signs.items() if holds)


def vendors_of(keys: Iterable[str]) -> frozenset[str]:
    """PCI vendors from the names of the registry's keys. Pure."""
    return frozenset(found[1].lower() for key in keys if (found := _VENDOR.search(key)))


if sys.platform == "win32":
    import winreg

    from zhishiyun_client.guard.systems.windows_cameras import devices_in_use, software_cameras

    class WindowsSurroundings:
        """Implements `SurroundingsProbe`. Thread: one at a time."""

        def remote(self) -> tuple[Sign, ...]:
            """By the session's metrics and name."""
            user32 = ctypes.WinDLL("user32", use_last_error=True)
            return session_signs(
                metric=bool(user32.GetSystemMetrics(SM_REMOTESESSION)),
                controlled=bool(user32.GetSystemMetrics(SM_REMOTECONTROL)),
                session_name=os.environ.get("SESSIONNAME", ""),
                glass_differs=_glass_differs(),
            )

        def hardware(self) -> Hardware:
            """By the registry's copy of the firmware's tables."""
            firmware = tuple(
                said.casefold() for name in BIOS_VALUES if (said := _value(BIOS_KEY, name))
            )
            return Hardware(firmware=firmware, pci_vendors=vendors_of(_keys(PCI_KEY)))

        def cameras(self) -> tuple[Camera, ...]:
            """Software cameras; those with hardware are the recorder's business."""
            return software_cameras()

        def devices_in_use(self) -> tuple[DeviceUse, ...]:
            """By Windows' own ledger."""
            return devices_in_use()

        def battery(self) -> Battery | None:
            """By psutil."""
            return battery()

        def slept_s(self) -> float:
            """Ticks go on while the machine sleeps, unbiased time does not."""
            kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
            kernel32.GetTickCount64.restype = ctypes.c_uint64
            unbiased = ctypes.c_uint64()
            kernel32.QueryUnbiasedInterruptTime(ctypes.byref(unbiased))
            ticks_s = kernel32.GetTickCount64() / MS_A_SECOND  # in steps of up to 16 ms
            return float(max(0.0, ticks_s - unbiased.value / UNITS_A_SECOND))

    def _glass_differs() -> bool:
        session = ctypes.c_uint32()
        kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
        if not kernel32.ProcessIdToSessionId(os.getpid(), ctypes.byref(session)):
            return False
        glass = _value(TERMINAL_KEY, "GlassSessionId")
        return glass != "" and glass != str(session.value)

    def _value(key: str, name: str) -> str:
        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, key) as opened:
                return str(winreg.QueryValueEx(opened, name)[0])
        except OSError:
            return ""

    def _keys(key: str) -> list[str]:
        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, key) as opened:
                return [winreg.EnumKey(opened, i) for i in range(winreg.QueryInfoKey(opened)[0])]
        except OSError:
            return []
