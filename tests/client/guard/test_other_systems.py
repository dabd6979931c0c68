"""What Windows and macOS answer, read without them: sizes, mirrored targets, import safety."""

from __future__ import annotations

import ctypes
import importlib

import pytest

from zhishiyun_client.guard import displays
from zhishiyun_client.guard.systems import windows_layout as layout
from zhishiyun_client.guard.systems.macos import Online
from zhishiyun_client.guard.systems.macos import display_facts as macos_facts
from zhishiyun_client.ports.watching import Connection, Says, Severity

INTERNAL, HDMI, MIRACAST, USB_ADAPTER = 0x80000000, 5, 15, 16


def path(source: int, target: int, technology: int) -> layout.PathInfo:
    info = layout.PathInfo()
    info.source.adapter.low = info.target.adapter.low = 0x1234
    info.source.id, info.target.id = source, target
    info.target.technology = technology
    return info


def mode(source: int, width_px: int, height_px: int) -> layout.ModeInfo:
    info = layout.ModeInfo()
    info.kind, info.id, info.adapter.low = layout.MODE_IS_SOURCE, source, 0x1234
    info.detail.source.width_px, info.detail.source.height_px = width_px, height_px
    return info


def test_structures_have_the_sizes_that_windows_expects():
    # Source: wingdi.h; measured with a real QueryDisplayConfig in research/lockdown.md
    assert ctypes.sizeof(layout.PathSource) == 20
    assert ctypes.sizeof(layout.PathTarget) == 48
    assert ctypes.sizeof(layout.PathInfo) == 72
    assert ctypes.sizeof(layout.ModeInfo) == 64


@pytest.mark.parametrize("module", ["windows", "macos", "linux", "here"])
def test_every_system_can_be_imported_on_every_other(module: str):
    importlib.import_module(f"zhishiyun_client.guard.systems.{module}")


def test_two_targets_on_one_source_are_mirrored_on_windows():
    facts = layout.display_facts([path(0, 1, INTERNAL), path(0, 2, HDMI)], [mode(0, 1920, 1080)])

    (sight,) = displays.judge(facts)
    assert (sight.severity, sight.explanation) == (Severity.BLOCKS_ENTRY, Says.DISPLAY_MIRRORED)
    assert {(f.width_px, f.height_px) for f in facts} == {(1920, 1080)}


def test_two_sources_are_two_displays_on_windows():
    facts = layout.display_facts([path(0, 1, INTERNAL), path(1, 2, HDMI)], [])

    (sight,) = displays.judge(facts)
    assert sight.explanation is Says.DISPLAY_EXTRA


def test_a_desktop_pc_with_one_hdmi_monitor_passes_on_windows():
    assert displays.judge(layout.display_facts([path(0, 7, HDMI)], [])) == ()


@pytest.mark.parametrize(
    ("technology", "expected"),
    [
        (INTERNAL, Connection.INTERNAL),
        (-0x80000000, Connection.INTERNAL),
        (11, Connection.INTERNAL),
        (HDMI, Connection.EXTERNAL),
        (10, Connection.EXTERNAL),
        (MIRACAST, Connection.WIRELESS),
        (USB_ADAPTER, Connection.INDIRECT),
        (17, Connection.VIRTUAL),
        (-1, Connection.UNKNOWN),
    ],
)
def test_technologies_of_windows_are_connections(technology: int, expected: Connection):
    assert layout.connection_of(technology) is expected


def online(number: int, *, active: bool = True, builtin: bool = True, mirrors: int = 0) -> Online:
    return Online(number, active, builtin, mirrors, 1440, 900)


def test_a_mirror_set_of_macos_is_two_displays():
    laptop, beamer = online(1), online(2, active=False, builtin=False, mirrors=1)

    (sight,) = displays.judge(macos_facts([laptop, beamer]))
    assert (sight.severity, sight.explanation) == (Severity.BLOCKS_ENTRY, Says.DISPLAY_MIRRORED)


def test_a_mac_mini_with_one_monitor_passes():
    assert displays.judge(macos_facts([online(5, builtin=False)])) == ()
