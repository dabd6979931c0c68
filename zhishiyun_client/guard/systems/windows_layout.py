"""Structures of QueryDisplayConfig, and what their numbers mean. Imports and sizes everywhere.

Fixed-width types on purpose: `ctypes.wintypes` has other sizes on other systems, and the tests
assert these sizes on all of them. Source: wingdi.h of the Windows SDK.
"""

from __future__ import annotations

import ctypes

from zhishiyun_client.ports.watching import Connection, DisplayFact

ONLY_ACTIVE_PATHS = 2  # QDC_ONLY_ACTIVE_PATHS
SUCCESS = 0
INSUFFICIENT_BUFFER = 122  # displays changed between the two calls
MODE_IS_SOURCE = 1

# DISPLAYCONFIG_VIDEO_OUTPUT_TECHNOLOGY
_TECHNOLOGIES = {
    0x80000000: Connection.INTERNAL,
    6: Connection.INTERNAL,  # LVDS
    11: Connection.INTERNAL,  # embedded DisplayPort
    13: Connection.INTERNAL,  # embedded UDI
    15: Connection.WIRELESS,  # Miracast
    16: Connection.INDIRECT,  # indirect, wired: USB adapters
    17: Connection.VIRTUAL,  # indirect, virtual
    0xFFFFFFFF: Connection.UNKNOWN,  # other
}


class Luid(ctypes.Structure):
    """An adapter's id."""

    _fields_ = (("low", ctypes.c_uint32), ("high", ctypes.c_int32))


class PathSource(ctypes.Structure):
    """The picture of a path."""

    _fields_ = (
        ("adapter", Luid),
        ("id", ctypes.c_uint32),
        ("mode_index", ctypes.c_uint32),
        ("status", ctypes.c_uint32),
    )


class Rational(ctypes.Structure):
    """A refresh rate."""

    _fields_ = (("numerator", ctypes.c_uint32), ("denominator", ctypes.c_uint32))


class PathTarget(ctypes.Structure):
    """The display at the end of a path."""

    _fields_ = (
        ("adapter", Luid),
        ("id", ctypes.c_uint32),
        ("mode_index", ctypes.c_uint32),
        ("technology", ctypes.c_uint32),
        ("rotation", ctypes.c_uint32),
        ("scaling", ctypes.c_uint32),
        ("refresh_rate", Rational),
        ("scan_line_ordering", ctypes.c_uint32),
        ("is_available", ctypes.c_int32),
        ("status", ctypes.c_uint32),
    )


class PathInfo(ctypes.Structure):
    """DISPLAYCONFIG_PATH_INFO, 72 bytes: one picture on one display."""

    _fields_ = (("source", PathSource), ("target", PathTarget), ("flags", ctypes.c_uint32))


class SourceMode(ctypes.Structure):
    """DISPLAYCONFIG_SOURCE_MODE: size and place of a picture on the desktop."""

    _fields_ = (
        ("width_px", ctypes.c_uint32),
        ("height_px", ctypes.c_uint32),
        ("pixel_format", ctypes.c_uint32),
        ("x_px", ctypes.c_int32),
        ("y_px", ctypes.c_int32),
    )


class ModeDetail(ctypes.Union):
    """The union in a mode; only the source's part is read."""

    _fields_ = (("source", SourceMode), ("raw", ctypes.c_uint64 * 6))


class ModeInfo(ctypes.Structure):
    """DISPLAYCONFIG_MODE_INFO, 64 bytes."""

    _fields_ = (
        ("kind", ctypes.c_uint32),
        ("id", ctypes.c_uint32),
        ("adapter", Luid),
        ("detail", ModeDetail),
    )


def connection_of(technology: int) -> Connection:
    """How a display of this output technology hangs on the computer."""
    return _TECHNOLOGIES.get(technology & 0xFFFFFFFF, Connection.EXTERNAL)


def display_facts(paths: list[PathInfo], modes: list[ModeInfo]) -> tuple[DisplayFact, ...]:
    """One fact a path: two paths with one source are one desktop mirrored on two displays."""
    sizes = {
        _source_key(mode.adapter, mode.id): mode.detail.source
        for mode in modes
        if mode.kind == MODE_IS_SOURCE
    }
    return tuple(
        DisplayFact(
            output=_source_key(path.target.adapter, path.target.id),
            connection=connection_of(path.target.technology),
            source=(source := _source_key(path.source.adapter, path.source.id)),
            width_px=sizes[source].width_px if source in sizes else 0,
            height_px=sizes[source].height_px if source in sizes else 0,
        )
        for path in paths
    )


def _source_key(adapter: Luid, number: int) -> str:
    return f"{adapter.high & 0xFFFFFFFF:x}:{adapter.low:x}:{number}"
