"""What Linux tells of session, firmware, cameras and sleep: files and variables only."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from zhishiyun_client.guard.systems.power import battery
from zhishiyun_client.ports.surroundings import Battery, Camera, DeviceUse, Hardware, Sign

FIRMWARE = ("sys_vendor", "product_name", "bios_vendor", "board_vendor", "chassis_vendor")
VIRTUAL_DEVICES = "/devices/virtual/"  # v4l2loopback's cameras hang there, real ones on a bus


def session_signs(environment: Mapping[str, str]) -> tuple[Sign, ...]:
    """What the session's variables say. Pure.

    SSH alone is weak: a technician may have started the program in a local session.
    """
    signs = []
    if environment.get("XRDP_SESSION"):
        signs.append(Sign("xrdp", is_strong=True))
    if environment.get("VNCDESKTOP"):
        signs.append(Sign("vnc", is_strong=True))
    if environment.get("SSH_CONNECTION") or environment.get("SSH_CLIENT"):
        signs.append(Sign("ssh", is_strong=False))
        if environment.get("DISPLAY", "").startswith("localhost:"):
            signs.append(Sign("forwarded_display", is_strong=False))
    return tuple(signs)


class LinuxSurroundings:
    """Implements `SurroundingsProbe`. Thread: one at a time.

    Args:
        root: "/" but in tests, which lay recorded machines there.
    """

    def __init__(self, root: Path = Path("/"), environment: Mapping[str, str] = os.environ) -> None:
        self._root = root
        self._environment = environment

    def remote(self) -> tuple[Sign, ...]:
        """By the session's variables."""
        return session_signs(self._environment)

    def hardware(self) -> Hardware:
        """By DMI, PCI and, under Xen, the kernel's own word."""
        dmi = self._root / "sys/class/dmi/id"
        vendors = (self._root / "sys/bus/pci/devices").glob("*/vendor")
        return Hardware(
            firmware=tuple(said for name in FIRMWARE if (said := _word(dmi / name))),
            pci_vendors=frozenset(_word(path).removeprefix("0x") for path in vendors),
            hypervisor=_word(self._root / "sys/hypervisor/type"),
        )

    def cameras(self) -> tuple[Camera, ...]:
        """By video4linux; one device may have several nodes of one name."""
        found = {}
        for node in sorted((self._root / "sys/class/video4linux").glob("video*")):
            name = _word(node / "name", lower=False)
            is_virtual = VIRTUAL_DEVICES in str(node.resolve())
            found[name] = Camera(name, is_virtual=is_virtual)
        return tuple(found.values())

    def devices_in_use(self) -> tuple[DeviceUse, ...]:
        """Linux keeps no ledger, and other persons' open files are not ours to read."""
        return ()

    def battery(self) -> Battery | None:
        """By psutil."""
        return battery()

    def slept_s(self) -> float:
        """Boot time goes on while the machine sleeps, monotonic time does not."""
        return _slept_s()


def _word(path: Path, *, lower: bool = True) -> str:
    try:
        said = path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
    return said.casefold() if lower else said


if sys.platform == "linux":

    def _slept_s() -> float:
        awake_s = time.clock_gettime(time.CLOCK_MONOTONIC)  # asked first: never more than the other
        return time.clock_gettime(time.CLOCK_BOOTTIME) - awake_s

else:

    def _slept_s() -> float:
        return 0.0
