"""What the bytes of an X server's replies say. Pure.

Source: X11 core protocol, appendix B; RandR 1.5, §B; words are in this machine's byte order.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

CONNECTED = 0
REPLY_BYTES = 32
_RESOURCES = struct.Struct("=8xIIHHHH8x")
_OUTPUT = struct.Struct("=8xIIIIBBHHHHH")
_CRTC = struct.Struct("=8xIhhHHI")
_MONITORS = struct.Struct("=8xIII12x")
_MONITOR = struct.Struct("=IBBHhhHHII")
_PROPERTY = struct.Struct("=xBxxIIII12x")
_WORD_AT_8 = struct.Struct("=8xI")
_ATOM_NAME = struct.Struct("=8xH22x")
_TREE = struct.Struct("=8xIIH14x")
_SCREEN_SAVER = struct.Struct("=8xHHBB18x")


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle of the desktop, px."""

    x_px: int
    y_px: int
    width_px: int
    height_px: int

    def holds(self, other: Rect) -> bool:
        """Whether the other lies inside this one altogether."""
        return (
            self.x_px <= other.x_px
            and self.y_px <= other.y_px
            and other.x_px + other.width_px <= self.x_px + self.width_px
            and other.y_px + other.height_px <= self.y_px + self.height_px
        )


@dataclass(frozen=True, slots=True)
class Output:
    """A connector; `crtc` 0 means that it shows nothing."""

    name: str
    crtc: int
    is_connected: bool


@dataclass(frozen=True, slots=True)
class Monitor:
    """What window managers and Qt call a screen; may exist without any connector."""

    name_atom: int
    rect: Rect
    outputs: tuple[int, ...]


def read_resources(reply: bytes) -> tuple[int, tuple[int, ...]]:
    """The configuration's timestamp and all output ids."""
    _, config_at, crtcs, outputs, _, _ = _RESOURCES.unpack_from(reply)
    ids = struct.unpack_from(f"={outputs}I", reply, _RESOURCES.size + 4 * crtcs)
    return config_at, ids


def read_output(reply: bytes) -> Output:
    """One connector."""
    _, crtc, _, _, connection, _, crtcs, modes, _, clones, name_bytes = _OUTPUT.unpack_from(reply)
    start = _OUTPUT.size + 4 * (crtcs + modes + clones)
    name = reply[start : start + name_bytes].decode("utf-8", "replace")
    return Output(name, crtc, connection == CONNECTED)


def read_crtc(reply: bytes) -> Rect | None:
    """The rectangle a picture generator shows; None when it is off."""
    _, x_px, y_px, width_px, height_px, mode = _CRTC.unpack_from(reply)
    return Rect(x_px, y_px, width_px, height_px) if mode else None


def read_monitors(reply: bytes) -> tuple[Monitor, ...]:
    """All monitors, those without a connector included."""
    _, count, _ = _MONITORS.unpack_from(reply)
    at = _MONITORS.size
    monitors = []
    for _ in range(count):
        atom, _, _, outputs, x_px, y_px, width_px, height_px, _, _ = _MONITOR.unpack_from(reply, at)
        at += _MONITOR.size
        ids = struct.unpack_from(f"={outputs}I", reply, at)
        at += 4 * outputs
        monitors.append(Monitor(atom, Rect(x_px, y_px, width_px, height_px), ids))
    return tuple(monitors)


def read_word(reply: bytes) -> int:
    """The first word after the header: an atom, or the window that has the focus."""
    return int(_WORD_AT_8.unpack_from(reply)[0])


def read_atom_name(reply: bytes) -> str:
    """The name of an atom."""
    (length,) = _ATOM_NAME.unpack_from(reply)
    return reply[_ATOM_NAME.size : _ATOM_NAME.size + length].decode("utf-8", "replace")


def has_value(reply: bytes) -> bool:
    """Whether the property asked for is there at all."""
    return bool(_PROPERTY.unpack_from(reply)[2])


def read_parent(reply: bytes) -> int:
    """A window's parent, of a QueryTree reply."""
    return int(_TREE.unpack_from(reply)[1])


def read_words(reply: bytes) -> tuple[int, ...]:
    """A property of 32-bit words; empty when it is not there or of another format."""
    bits, _, _, _, length = _PROPERTY.unpack_from(reply)
    return struct.unpack_from(f"={length}I", reply, _PROPERTY.size) if bits == 32 else ()


def read_text(reply: bytes) -> str:
    """A property of bytes, as text; NUL stays NUL."""
    bits, _, _, _, length = _PROPERTY.unpack_from(reply)
    if bits != 8:
        return ""
    return reply[_PROPERTY.size : _PROPERTY.size + length].decode("utf-8", "replace")


def read_screen_saver(reply: bytes) -> tuple[int, int, int, int]:
    """Timeout and interval in seconds, whether it blanks, whether it may expose."""
    timeout_s, interval_s, blanks, exposes = _SCREEN_SAVER.unpack(reply[:REPLY_BYTES])
    return timeout_s, interval_s, blanks, exposes
