"""Which microphones there are, by PortAudio's names (R110, F16)."""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from zhishiyun_client.capture.naming import is_secondary, kind_of
from zhishiyun_client.ports.devices import DEMO_MICROPHONE_VARIABLE, Device, DeviceKind

_HOST_API = {"win32": "Windows WASAPI"}  # the others cut names at 31 letters or repeat devices
_CARD = re.compile(r"\s*\(hw:\d+,\d+\)$")  # ALSA's numbers move when a card is plugged in
_NO_MICROPHONES = frozenset(
    {"samplerate", "speexrate", "lavrate", "upmix", "vdownmix", "jack", "oss", "/dev/dsp", "null"}
)
"""ALSA's converters, which PortAudio lists as if they were devices."""
_SPOKEN = {
    "default": "系统默认 · System default",
    "sysdefault": "系统默认声卡 · Default card",
    "pulse": "声音服务 · PulseAudio",
    "pipewire": "声音服务 · PipeWire",
}


@dataclass(frozen=True, slots=True)
class Input:
    """One microphone: PortAudio's number and name, and the name that people see, also its id."""

    number: int
    name: str
    shown: str


def list_microphones(sounddevice: Any) -> tuple[Device, ...]:
    """Every input, the system's choice first, what is no microphone last."""
    default = _default_name(sounddevice)
    ordered = sorted(
        _inputs(sounddevice), key=lambda each: (is_secondary(each.name), each.name != default)
    )
    return tuple(_device(each) for each in ordered)


def find_microphone(sounddevice: Any, microphone_id: str) -> tuple[int, Device] | None:
    """PortAudio's number and the device; "" is the demonstration's, else the system's choice."""
    inputs = _inputs(sounddevice)
    wanted = microphone_id or os.environ.get(DEMO_MICROPHONE_VARIABLE, "")
    chosen = next((each for each in inputs if wanted and each.shown == wanted), None)
    if chosen is None and not microphone_id and inputs:
        default = _default_name(sounddevice)
        plain = [each for each in inputs if not is_secondary(each.name)] or inputs
        chosen = next((each for each in plain if each.name == default), plain[0])
    return None if chosen is None else (chosen.number, _device(chosen))


def told_apart(listed: Iterable[tuple[int, str]]) -> tuple[Input, ...]:
    """Names for people; equal ones are numbered in the system's order. Pure."""
    counts: Counter[str] = Counter()
    inputs = []
    for number, name in listed:
        if name in _NO_MICROPHONES:
            continue
        plain = _SPOKEN.get(name, _CARD.sub("", name))
        counts[plain] += 1
        shown = f"{plain} ({counts[plain]})" if counts[plain] > 1 else plain
        inputs.append(Input(number, name, shown))
    return tuple(inputs)


def _device(each: Input) -> Device:
    is_demo = each.name == os.environ.get(DEMO_MICROPHONE_VARIABLE)
    kind = DeviceKind.ORDINARY if is_demo else kind_of(each.name)
    return Device(id=each.shown, name=each.shown, demonstration=is_demo, kind=kind)


def _inputs(sounddevice: Any) -> tuple[Input, ...]:
    api = _HOST_API.get(sys.platform)
    apis = sounddevice.query_hostapis()
    return told_apart(
        (int(device["index"]), str(device["name"]))
        for device in sounddevice.query_devices()
        if device["max_input_channels"] > 0
        and (api is None or apis[device["hostapi"]]["name"] == api)
    )


def _default_name(sounddevice: Any) -> str:
    """The system's choice, within the interface that is used."""
    api = _HOST_API.get(sys.platform)
    try:
        if api is None:
            return str(sounddevice.query_devices(kind="input")["name"])
        number = next(
            each["default_input_device"]
            for each in sounddevice.query_hostapis()
            if each["name"] == api
        )
        return str(sounddevice.query_devices(number)["name"]) if number >= 0 else ""
    except (sounddevice.PortAudioError, ValueError, StopIteration):
        return ""
