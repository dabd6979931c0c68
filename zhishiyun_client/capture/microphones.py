"""Which microphones there are, by PortAudio's names (R110, F16)."""

from __future__ import annotations

import os
import sys
from typing import Any

from zhishiyun_client.ports.devices import DEMO_MICROPHONE_VARIABLE, Device

_HOST_API = {"win32": "Windows WASAPI"}  # the others cut names at 31 letters or repeat devices


def list_microphones(sounddevice: Any) -> tuple[Device, ...]:
    """Every input, the system's choice first."""
    default = _default_name(sounddevice)
    names = dict.fromkeys(str(device["name"]) for device in _inputs(sounddevice))
    ordered = sorted(names, key=lambda name: name != default)
    return tuple(_device(name) for name in ordered)


def find_microphone(sounddevice: Any, microphone_id: str) -> tuple[int, Device] | None:
    """PortAudio's number and the device; "" is the demonstration's, else the system's choice."""
    wanted = microphone_id or os.environ.get(DEMO_MICROPHONE_VARIABLE, "")
    wanted = wanted or _default_name(sounddevice)
    inputs = _inputs(sounddevice)
    chosen = next((device for device in inputs if device["name"] == wanted), None)
    if chosen is None and not microphone_id and inputs:
        chosen = inputs[0]
    if chosen is None:
        return None
    return int(chosen["index"]), _device(str(chosen["name"]))


def _device(name: str) -> Device:
    is_demo = name == os.environ.get(DEMO_MICROPHONE_VARIABLE)
    return Device(id=name, name=name, demonstration=is_demo)


def _inputs(sounddevice: Any) -> list[dict[str, Any]]:
    api = _HOST_API.get(sys.platform)
    apis = sounddevice.query_hostapis()
    return [
        device
        for device in sounddevice.query_devices()
        if device["max_input_channels"] > 0
        and (api is None or apis[device["hostapi"]]["name"] == api)
    ]


def _default_name(sounddevice: Any) -> str:
    try:
        return str(sounddevice.query_devices(kind="input")["name"])
    except (sounddevice.PortAudioError, ValueError):
        return ""
