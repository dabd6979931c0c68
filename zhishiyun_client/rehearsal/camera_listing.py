"""Lists cameras by what the system knows of them; none is opened, no light goes on."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from .found import Found
from .reasons import Reason

_ANSWER_WITHIN_S = 15.0
_VIDEO_NODE = re.compile(r"video\d+")
# KSCATEGORY_VIDEO_CAMERA and KSCATEGORY_SENSOR_CAMERA of ksmedia.h.
_CAMERA_CLASSES = (
    "{e5323777-f976-4f5b-9b94-b13b9f2b6de0}",
    "{24e552d7-6523-47f7-a647-d3465bf1f5ca}",
)
_DEVICE_CLASSES = r"SYSTEM\CurrentControlSet\Control\DeviceClasses"


def list_cameras(system: str = sys.platform) -> Found:
    """The cameras that are connected, as this system tells them."""
    if system == "linux":
        return cameras_of_linux(Path("/dev"), Path("/sys/dev/char"))
    names = cameras_of_windows() if system == "win32" else cameras_of_macos()
    return Found(True, Reason.CAMERA_FOUND, names) if names else Found(False, Reason.NO_CAMERA)


def cameras_of_linux(devices: Path, registered: Path) -> Found:
    """A node counts when the kernel knows it and it is the first of its device.

    A camera's further nodes carry metadata, not pictures (uvcvideo: index 1).

    Args:
        devices: the folder of device files.
        registered: where the kernel shows the devices it knows, by number.
    """
    names, forbidden = [], False
    for node in sorted(devices.glob("video*")):
        if not _VIDEO_NODE.fullmatch(node.name):
            continue
        number = node.stat().st_rdev
        known = registered / f"{os.major(number)}:{os.minor(number)}"
        if not known.exists() or _read(known / "index") not in ("", "0"):
            continue
        if os.access(node, os.R_OK | os.W_OK):
            names.append(_read(known / "name") or node.name)
        else:
            forbidden = True
    if names:
        return Found(True, Reason.CAMERA_FOUND, tuple(names))
    return Found(False, Reason.CAMERA_FORBIDDEN if forbidden else Reason.NO_CAMERA)


def cameras_of_macos() -> tuple[str, ...]:
    """Ask the system's own report, which needs no permission."""
    report = subprocess.run(
        ["system_profiler", "-json", "SPCameraDataType"],
        capture_output=True,
        timeout=_ANSWER_WITHIN_S,
    )
    if report.returncode != 0:
        return ()
    cameras = json.loads(report.stdout).get("SPCameraDataType", [])
    return tuple(str(entry.get("_name", "camera")) for entry in cameras)


def cameras_of_windows() -> tuple[str, ...]:
    """Read which camera interfaces are linked, that is, connected and running."""
    registry: Any = import_module("winreg")  # only Windows has it
    names: list[str] = []
    for category in _CAMERA_CLASSES:
        path = rf"{_DEVICE_CLASSES}\{category}"
        for interface in _keys_below(registry, path):
            for reference in _keys_below(registry, rf"{path}\{interface}"):
                control = rf"{path}\{interface}\{reference}\Control"
                if _value(registry, control, "Linked") and interface not in names:
                    names.append(interface)
    return tuple(names)


def _read(path: Path) -> str:
    return path.read_text("utf-8", "replace").strip() if path.is_file() else ""


def _keys_below(registry: Any, path: str) -> list[str]:
    """Names below a key of the local machine; none when it is missing or closed to us."""
    try:
        with registry.OpenKey(registry.HKEY_LOCAL_MACHINE, path) as key:
            return [registry.EnumKey(key, index) for index in range(registry.QueryInfoKey(key)[0])]
    except OSError:
        return []


def _value(registry: Any, path: str, name: str) -> int:
    try:
        with registry.OpenKey(registry.HKEY_LOCAL_MACHINE, path) as key:
            return int(registry.QueryValueEx(key, name)[0])
    except OSError:
        return 0
