"""What macOS tells of the machine and of sleep, by sysctl and clocks."""

from __future__ import annotations

import ctypes
import sys
import time

from zhishiyun_client.guard.systems.power import battery
from zhishiyun_client.ports.surroundings import Battery, Camera, DeviceUse, Hardware, Sign

if sys.platform == "darwin":
    TEXT_BYTES = 128

    class MacosSurroundings:
        """Implements `SurroundingsProbe`. Thread: one at a time.

        Remote control is a listed program there (screensharingd, ARDAgent), seen by the list.
        """

        def remote(self) -> tuple[Sign, ...]:
            """Nothing of its own."""
            return ()

        def hardware(self) -> Hardware:
            """The model, and whether the system says that it is a guest."""
            model = _text(b"hw.model").casefold()
            is_guest = _number(b"kern.hv_vmm_present") == 1
            return Hardware(firmware=(model,), hypervisor="apple" if is_guest else "")

        def cameras(self) -> tuple[Camera, ...]:
            """The recorder knows them by name."""
            return ()

        def devices_in_use(self) -> tuple[DeviceUse, ...]:
            """macOS tells nobody but the person, by its coloured dot."""
            return ()

        def battery(self) -> Battery | None:
            """By psutil."""
            return battery()

        def slept_s(self) -> float:
            """Raw monotonic time goes on while the machine sleeps, uptime does not."""
            everything = time.clock_gettime(time.CLOCK_MONOTONIC_RAW)
            return everything - time.clock_gettime(time.CLOCK_UPTIME_RAW)

    def _text(name: bytes) -> str:
        held = ctypes.create_string_buffer(TEXT_BYTES)
        size = ctypes.c_size_t(TEXT_BYTES)
        failed = ctypes.CDLL(None).sysctlbyname(name, held, ctypes.byref(size), None, 0)
        return "" if failed else held.value.decode(errors="replace")

    def _number(name: bytes) -> int:
        held = ctypes.c_int()
        size = ctypes.c_size_t(ctypes.sizeof(held))
        failed = ctypes.CDLL(None).sysctlbyname(
            name, ctypes.byref(held), ctypes.byref(size), None, 0
        )
        return 0 if failed else held.value
