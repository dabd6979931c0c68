"""Signs that a microphone came or went, without asking PortAudio: cheap enough for every second."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import av

ALSA_CARDS = (Path("/proc/asound/cards"), Path("/proc/asound/pcm"))
ALSA_SETTINGS = ("~/.asoundrc", "/etc/asound.conf")
ALSA_SETTINGS_VARIABLE = "ALSA_CONFIG_PATH"
MICROPHONES_KEY = r"SOFTWARE\Microsoft\Windows\CurrentVersion\MMDevices\Audio\Capture"

Signs = tuple[object, ...]
"""Equal while nothing has changed."""


if sys.platform == "win32":
    import winreg

    def signs() -> Signs:
        """Every capture device that Windows knows, and its state."""
        found = []
        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, MICROPHONES_KEY) as key:
                for index in range(winreg.QueryInfoKey(key)[0]):
                    name = winreg.EnumKey(key, index)
                    with winreg.OpenKey(key, name) as device:
                        found.append((name, winreg.QueryValueEx(device, "DeviceState")[0]))
        except OSError:  # one goes while it is read: the next look sees it whole
            found.append(("changing", len(found)))
        return tuple(found)

elif sys.platform == "darwin":

    def signs() -> Signs:
        """AVFoundation's list, by name."""
        try:
            listed = av.enumerate_input_devices("avfoundation")
        except (av.error.FFmpegError, ValueError):
            return ()
        return tuple(device.description for device in listed)

else:

    def signs() -> Signs:
        """ALSA's cards, and its settings, where sound servers are entered."""
        chosen = os.environ.get(ALSA_SETTINGS_VARIABLE, "")
        settings = [Path(path).expanduser() for path in (*ALSA_SETTINGS, chosen) if path]
        return (*(_content(path) for path in ALSA_CARDS), *(_changed(path) for path in settings))


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
