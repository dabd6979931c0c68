"""Displays, windows and who is in front on macOS, by CoreGraphics through ctypes.

Window titles are never asked for, so no permission is needed. Whoever owns the first ordinary
window of the list, which is ordered front to back, is in front.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass

from zhishiyun_client.guard.systems.owner import program_of
from zhishiyun_client.ports.watching import (
    Connection,
    DisplayFact,
    FrontFact,
    Unseen,
    WindowFact,
)

MOST_DISPLAYS = 32
ON_SCREEN_ONLY = 1  # kCGWindowListOptionOnScreenOnly
WITHOUT_DESKTOP = 16  # kCGWindowListExcludeDesktopElements
NORMAL_LAYER = 0  # kCGNormalWindowLevel
SHARING_NONE = 0  # kCGWindowSharingNone: left out of recordings by older means
SINT64 = 4  # kCFNumberSInt64Type
UTF8 = 0x08000100  # kCFStringEncodingUTF8


@dataclass(frozen=True, slots=True)
class Online:
    """What CoreGraphics says of one display."""

    number: int
    is_active: bool
    is_builtin: bool
    mirrors: int  # the display whose picture it shows, 0 when its own
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class Listed:
    """What CoreGraphics says of one window on the screen."""

    pid: int
    layer: int
    sharing: int


def hidden_windows(
    windows: list[Listed], our_pid: int, program_of_pid: Callable[[int], str]
) -> tuple[WindowFact, ...]:
    """One fact a program that keeps a window out of recordings. Pure."""
    hiding = {w.pid: w.layer for w in windows if w.sharing == SHARING_NONE and w.pid != our_pid}
    return tuple(
        WindowFact(
            pid=pid,
            program=program_of_pid(pid),
            window_class="",
            is_hidden=True,
            signs=frozenset({"topmost"}) if layer > NORMAL_LAYER else frozenset(),
        )
        for pid, layer in hiding.items()
    )


def display_facts(online: list[Online]) -> tuple[DisplayFact, ...]:
    """One fact a display; the displays of a mirror set share the source. Pure."""
    return tuple(
        DisplayFact(
            output=str(display.number),
            connection=Connection.INTERNAL if display.is_builtin else Connection.EXTERNAL,
            source=str(display.mirrors or display.number)
            if display.is_active or display.mirrors
            else "",
            width_px=display.width_px,
            height_px=display.height_px,
        )
        for display in online
    )


if sys.platform == "darwin":
    _FRAMEWORKS = "/System/Library/Frameworks"

    class Macos:
        """Implements `DisplayProbe`, `FocusProbe` and `WindowProbe`. Thread: one at a time.

        Args:
            our_pid: windows of this process are ours.
        """

        def __init__(self, our_pid: int | None = None) -> None:
            self._graphics = _graphics()
            self._foundation = _foundation()
            self._our_pid = os.getpid() if our_pid is None else our_pid

        def displays(self) -> tuple[DisplayFact, ...] | Unseen:
            """Every display that is switched on, mirrored ones included."""
            numbers = (ctypes.c_uint32 * MOST_DISPLAYS)()
            count = ctypes.c_uint32()
            failed = self._graphics.CGGetOnlineDisplayList(
                MOST_DISPLAYS, numbers, ctypes.byref(count)
            )
            if failed:
                return Unseen(f"CORE_GRAPHICS_{failed}")
            return display_facts([self._online(numbers[i]) for i in range(count.value)])

        def front(self) -> FrontFact | Unseen | None:
            """The program whose ordinary window is foremost."""
            owners = self._window_owners()
            if not owners:
                return None
            pid = owners[0]
            return FrontFact(pid, program_of(pid), is_ours=pid == self._our_pid)

        def pids_with_windows(self) -> frozenset[int] | Unseen:
            """Owners of ordinary windows on the screen."""
            return frozenset(self._window_owners())

        def foreign_windows(self) -> tuple[WindowFact, ...] | Unseen:
            """Windows of others that their program wants in no recording.

            Since macOS 15 newer recordings show them all the same; the wish is what is seen here.
            """
            return hidden_windows(self._windows(), self._our_pid, program_of)

        def close(self) -> None:
            """Nothing is held."""

        def _online(self, number: int) -> Online:
            graphics = self._graphics
            return Online(
                number=number,
                is_active=bool(graphics.CGDisplayIsActive(number)),
                is_builtin=bool(graphics.CGDisplayIsBuiltin(number)),
                mirrors=int(graphics.CGDisplayMirrorsDisplay(number)),
                width_px=int(graphics.CGDisplayPixelsWide(number)),
                height_px=int(graphics.CGDisplayPixelsHigh(number)),
            )

        def _window_owners(self) -> list[int]:
            return [window.pid for window in self._windows() if window.layer == NORMAL_LAYER]

        def _windows(self) -> list[Listed]:
            windows = self._graphics.CGWindowListCopyWindowInfo(ON_SCREEN_ONLY | WITHOUT_DESKTOP, 0)
            if not windows:
                return []
            foundation = self._foundation
            names = (b"kCGWindowOwnerPID", b"kCGWindowLayer", b"kCGWindowSharingState")
            keys = [_string(foundation, name) for name in names]
            try:
                found = []
                for index in range(foundation.CFArrayGetCount(windows)):
                    window = foundation.CFArrayGetValueAtIndex(windows, index)
                    found.append(Listed(*(self._number(window, key) for key in keys)))
                return found
            finally:
                for held in (*keys, windows):
                    foundation.CFRelease(held)

        def _number(self, dictionary: int, key: int) -> int:
            number = self._foundation.CFDictionaryGetValue(dictionary, key)
            value = ctypes.c_int64()
            if number:
                self._foundation.CFNumberGetValue(number, SINT64, ctypes.byref(value))
            return value.value

    def _string(foundation: ctypes.CDLL, text: bytes) -> int:
        return int(foundation.CFStringCreateWithCString(None, text, UTF8))

    def _graphics() -> ctypes.CDLL:
        graphics = ctypes.CDLL(f"{_FRAMEWORKS}/CoreGraphics.framework/CoreGraphics")
        graphics.CGDisplayMirrorsDisplay.restype = ctypes.c_uint32
        graphics.CGDisplayPixelsWide.restype = ctypes.c_size_t
        graphics.CGDisplayPixelsHigh.restype = ctypes.c_size_t
        graphics.CGWindowListCopyWindowInfo.argtypes = (ctypes.c_uint32, ctypes.c_uint32)
        graphics.CGWindowListCopyWindowInfo.restype = ctypes.c_void_p
        return graphics

    def _foundation() -> ctypes.CDLL:
        foundation = ctypes.CDLL(f"{_FRAMEWORKS}/CoreFoundation.framework/CoreFoundation")
        pointer = ctypes.c_void_p
        foundation.CFArrayGetCount.argtypes = (pointer,)
        foundation.CFArrayGetCount.restype = ctypes.c_long
        foundation.CFArrayGetValueAtIndex.argtypes = (pointer, ctypes.c_long)
        foundation.CFArrayGetValueAtIndex.restype = pointer
        foundation.CFDictionaryGetValue.argtypes = (pointer, pointer)
        foundation.CFDictionaryGetValue.restype = pointer
        foundation.CFNumberGetValue.argtypes = (pointer, ctypes.c_long, pointer)
        foundation.CFStringCreateWithCString.argtypes = (
            pointer,
            ctypes.c_char_p,
            ctypes.c_uint32,
        )
        foundation.CFStringCreateWithCString.restype = pointer
        foundation.CFRelease.argtypes = (pointer,)
        return foundation
