"""Rules on remote sessions, virtual machines, virtual cameras, sleep and battery. Pure.

A hypervisor is ordinary (Windows 11, security software) and one odd word in a firmware is too: a
virtual machine is named only by two strong signs from different places. False alarms of this kind
are what users of lockdown programs complain about most (docs/lockdown.md).
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable
from pathlib import Path

import msgspec

from zhishiyun_client.guard.standing import Sight
from zhishiyun_client.ports.surroundings import Battery, Camera, DeviceUse, Hardware, Sign
from zhishiyun_client.ports.watching import Cause, Says, Severity, facts

STRONG_SIGNS = 2  # for a virtual machine
WEAK_SIGNS = 2  # for a remote session without a strong one
LOW_PERCENT = 20  # Source: what Windows itself calls low
CRITICAL_PERCENT = 10
FIRMWARE_LETTERS = 64
DIGEST_LETTERS = 12


class MachineWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a virtual machine calls itself."""

    firmware: tuple[str, ...]
    pci_vendors: tuple[str, ...]


class RemoteWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Beginnings of connectors that are drawn for somebody elsewhere."""

    outputs: tuple[str, ...]


class CameraWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Fragments of names of cameras without hardware."""

    names: tuple[str, ...]


class WindowWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Programs that may hide a window from recordings; file names."""

    allowed: tuple[str, ...]


class Surroundings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file resources/guard/surroundings.toml."""

    format: int
    version: str
    virtual_machine: MachineWords
    remote: RemoteWords
    virtual_camera: CameraWords
    hidden_window: WindowWords


def load_surroundings(path: Path) -> tuple[Surroundings, str]:
    """The rules and their version for findings. Raises msgspec.ValidationError, OSError."""
    return read_surroundings(path.read_bytes())


def read_surroundings(text: bytes) -> tuple[Surroundings, str]:
    """The same from the file's bytes. Raises msgspec.ValidationError, ValueError."""
    rules = msgspec.convert(tomllib.loads(text.decode("utf-8")), Surroundings)
    return rules, f"{rules.version}+{hashlib.sha256(text).hexdigest()[:DIGEST_LETTERS]}"


def machine_signs(hardware: Hardware, words: MachineWords) -> tuple[Sign, ...]:
    """What speaks for a virtual machine; one sign a source, however often it says so."""
    signs = []
    if any(word in said for said in hardware.firmware for word in words.firmware):
        signs.append(Sign("firmware", is_strong=True))
    if hardware.pci_vendors & set(words.pci_vendors):
        signs.append(Sign("pci", is_strong=True))
    if hardware.hypervisor:
        signs.append(Sign("hypervisor", is_strong=True))
    return tuple(signs)


def judge_machine(signs: Iterable[Sign]) -> tuple[Sight, ...]:
    """A virtual machine, by two strong signs; it warns and never blocks: people judge."""
    strong = sorted(sign.name for sign in signs if sign.is_strong)
    if len(strong) < STRONG_SIGNS:
        return ()
    return (
        Sight(
            rule="machine.virtual",
            subject="virtual_machine",
            cause=Cause.VIRTUAL_MACHINE,
            severity=Severity.WARNING,
            explanation=Says.VIRTUAL_MACHINE,
            facts=facts(signs=",".join(strong)),
        ),
    )


def judge_remote(signs: Iterable[Sign]) -> tuple[Sight, ...]:
    """A session seen from elsewhere: one strong sign, or two weak ones."""
    found = tuple(signs)
    is_sure = any(sign.is_strong for sign in found)
    if not is_sure and len(found) < WEAK_SIGNS:
        return ()
    return (
        Sight(
            rule="session.remote",
            subject="remote_session",
            cause=Cause.REMOTE_SESSION,
            severity=Severity.BLOCKS_ENTRY if is_sure else Severity.WARNING,
            explanation=Says.REMOTE_SESSION,
            facts=facts(signs=",".join(sorted(sign.name for sign in found))),
        ),
    )


def output_signs(outputs: Iterable[str], words: RemoteWords) -> tuple[Sign, ...]:
    """A display server that draws for somebody elsewhere names its connectors after it."""
    drawn = any(name.casefold().startswith(words.outputs) for name in outputs)
    return (Sign("output", is_strong=True),) if drawn else ()


def judge_cameras(cameras: Iterable[Camera], words: CameraWords) -> tuple[Sight, ...]:
    """Cameras without hardware; one finding a camera. Being there is not being used: a warning."""
    return tuple(
        Sight(
            rule="camera.virtual",
            subject=camera.name.casefold()[:FIRMWARE_LETTERS],
            cause=Cause.VIRTUAL_CAMERA,
            severity=Severity.WARNING,
            explanation=Says.VIRTUAL_CAMERA,
            facts=facts(camera=camera.name[:FIRMWARE_LETTERS]),
        )
        for camera in cameras
        if camera.is_virtual or any(word in camera.name.casefold() for word in words.names)
    )


def judge_devices(uses: Iterable[DeviceUse], ours: frozenset[str]) -> tuple[Sight, ...]:
    """Other programs that use a device: a filmed screen is told, the rest only kept.

    Args:
        ours: lower-case file names of our own programs.
    """
    return tuple(
        Sight(
            rule="device.shared",
            subject=f"{use.device}:{use.program.casefold()}",
            cause=Cause.DEVICE_SHARED,
            severity=Severity.WARNING if use.device == "screen" else Severity.NOTICE,
            explanation=Says.DEVICE_SHARED,
            facts=facts(device=use.device, program=use.program),
        )
        for use in uses
        if use.program.casefold() not in ours
    )


def judge_battery(battery: Battery | None) -> tuple[Sight, ...]:
    """A battery that will not last; no violation."""
    if battery is None or battery.is_plugged or battery.percent > LOW_PERCENT:
        return ()
    is_critical = battery.percent <= CRITICAL_PERCENT
    return (
        Sight(
            rule="power.battery",
            subject="critical" if is_critical else "low",
            cause=Cause.POWER,
            severity=Severity.WARNING if is_critical else Severity.NOTICE,
            explanation=Says.BATTERY_LOW,
            facts=facts(percent=battery.percent),
        ),
    )


def judge_sleep(slept_s: float) -> Sight:
    """The machine slept; the recording has a gap then, this says why."""
    return Sight(
        rule="power.slept",
        subject="sleep",
        cause=Cause.POWER,
        severity=Severity.NOTICE,
        explanation=Says.SLEPT,
        facts=facts(seconds=round(slept_s)),
    )
