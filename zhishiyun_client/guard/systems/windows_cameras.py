"""Cameras without hardware on Windows, and who uses camera, microphone or screen just now.

Qt and Media Foundation do not list DirectShow's software cameras (OBS, ManyCam, …); they stand in
the registry. Who uses a device is Windows' own ledger for its privacy indicator. Both are read
without COM, WMI and administrator rights.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from zhishiyun_client.ports.surroundings import Camera, DeviceUse

VIDEO_INPUT = "{860BB310-5D01-11d0-BD3B-00A0C911CE86}"  # CLSID_VideoInputDeviceCategory
INSTANCES = rf"CLSID\{VIDEO_INPUT}\Instance"
LEDGER = r"Software\Microsoft\Windows\CurrentVersion\CapabilityAccessManager\ConsentStore"
CAPABILITIES = {
    "webcam": "camera",
    "microphone": "microphone",
    "graphicsCaptureProgrammatic": "screen",
}
IN_USE = 0  # LastUsedTimeStop while a program uses the device
# Source: device interface paths of Windows; research of open camera tools (docs/guard.md).
_SOFTWARE_PATH = re.compile(r"^@device:sw:|swd#vcamdevapi|^\\\\\?\\(root|swd)#", re.IGNORECASE)


def is_software_path(path: str) -> bool:
    """Whether a camera's device path belongs to no plugged hardware. Pure.

    Windows 11's own virtual cameras hang on "vcamdevapi", drivers of makers on "root".
    """
    return bool(_SOFTWARE_PATH.search(path))


def program_of_ledger(key: str) -> str:
    """The file name in a key of the ledger, which is a path with "#" between folders. Pure."""
    return key.rsplit("#", 1)[-1]


if sys.platform == "win32":
    import winreg

    _VIEWS = (winreg.KEY_WOW64_64KEY, winreg.KEY_WOW64_32KEY)

    def software_cameras() -> tuple[Camera, ...]:
        """Every DirectShow camera that is a program, by its name. Thread: any."""
        found: dict[str, Camera] = {}
        for view in _VIEWS:
            for instance in _keys(winreg.HKEY_CLASSES_ROOT, INSTANCES, view):
                place = rf"{INSTANCES}\{instance}"
                name = _value(winreg.HKEY_CLASSES_ROOT, place, "FriendlyName", view)
                path = _value(winreg.HKEY_CLASSES_ROOT, place, "DevicePath", view)
                if not path or is_software_path(str(path)):
                    found[instance.casefold()] = Camera(str(name or instance), is_virtual=True)
        return tuple(found.values())

    def devices_in_use() -> tuple[DeviceUse, ...]:
        """Programs that use a device now, by their file names. Thread: any."""
        found = set()
        for capability, device in CAPABILITIES.items():
            place = rf"{LEDGER}\{capability}\NonPackaged"
            for key in _keys(winreg.HKEY_CURRENT_USER, place):
                started = _value(winreg.HKEY_CURRENT_USER, rf"{place}\{key}", "LastUsedTimeStart")
                ended = _value(winreg.HKEY_CURRENT_USER, rf"{place}\{key}", "LastUsedTimeStop")
                if started and ended == IN_USE:
                    found.add(DeviceUse(device, program_of_ledger(key)))
        return tuple(sorted(found, key=lambda use: (use.device, use.program)))

    def _keys(root: int, place: str, view: int = 0) -> Iterator[str]:
        try:
            with winreg.OpenKey(root, place, 0, winreg.KEY_READ | view) as opened:
                for index in range(winreg.QueryInfoKey(opened)[0]):
                    yield winreg.EnumKey(opened, index)
        except OSError:
            return

    def _value(root: int, place: str, name: str, view: int = 0) -> object | None:
        try:
            with winreg.OpenKey(root, place, 0, winreg.KEY_READ | view) as opened:
                found: object = winreg.QueryValueEx(opened, name)[0]
                return found
        except OSError:
            return None
