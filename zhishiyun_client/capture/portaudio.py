"""The way to PortAudio: a system library on Linux; without it pictures are recorded alone."""

from __future__ import annotations

import logging
import subprocess
from pathlib import Path
from typing import Any

import msgspec

from zhishiyun_client.capture import alsa_encoder
from zhishiyun_client.ports.devices import Device
from zhishiyun_client.runtime.programs import client_command

LOG = logging.getLogger(__name__)
PROBE_WITHIN_S = 10.0
NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # Windows would flash a console


def load(marker: Path | None) -> Any | None:
    """The module `sounddevice`, or None where there is no PortAudio or it would end this process.

    PortAudio aborts where ALSA's settings are missing or broken. The marker lies there while it
    is loaded; if the process before died meanwhile, a process of its own tries first.
    """
    if marker is not None:
        if marker.exists() and not probe():
            return None
        marker.touch()
    module = _import()
    if marker is not None:
        marker.unlink(missing_ok=True)
    return module


def probe() -> bool:
    """Whether another process survives asking PortAudio for its devices."""
    return ask() is not None


def ask() -> tuple[Device, ...] | None:
    """The microphones as another process sees them now; None when it does not survive asking."""
    try:
        answer = subprocess.run(
            client_command("sound-probe"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            timeout=PROBE_WITHIN_S,
            creationflags=NO_WINDOW,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        LOG.warning("the sound system does not answer: %s", error)
        return None
    if answer.returncode:
        LOG.warning("the sound system ends whoever asks it: %d", answer.returncode)
        return None
    try:
        return msgspec.json.decode(answer.stdout, type=tuple[Device, ...])
    except msgspec.DecodeError as error:
        LOG.warning("the sound system's answer is no list: %s", error)
        return None


def _import() -> Any | None:
    try:
        # Importing it loads and starts PortAudio, which fails where it is not installed.
        with alsa_encoder.left_out():
            import sounddevice
    except OSError as error:
        LOG.warning("no PortAudio: %s", error)
        return None
    return sounddevice


def look_again(sounddevice: Any) -> None:
    """Let PortAudio list its devices anew; no stream may be open."""
    # WORKAROUND PortAudio lists devices once, at its start: restarting it is the only way, and
    # sounddevice offers it under these names only.
    sounddevice._terminate()
    with alsa_encoder.left_out():
        sounddevice._initialize()
