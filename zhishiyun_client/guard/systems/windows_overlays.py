"""Other programs' windows on Windows: hidden from capture, or lying over everything.

No title is read. `GetWindowDisplayAffinity` tells of other processes' windows too.
"""

from __future__ import annotations

import ctypes
import os
import sys

from zhishiyun_client.guard.systems.owner import program_of
from zhishiyun_client.ports.watching import Unseen, WindowFact

GWL_EXSTYLE = -20
CLASS_LETTERS = 256
# Extended styles. Source: winuser.h.
SIGNS = {
    0x00000008: "topmost",
    0x00000020: "click_through",  # WS_EX_TRANSPARENT
    0x00000080: "tool_window",
    0x00080000: "layered",
    0x08000000: "no_activate",
}
OVER_OTHERS = frozenset({"topmost", "layered"})


def signs_of(style: int) -> frozenset[str]:
    """What a window's extended style says of an overlay. Pure."""
    return frozenset(name for bit, name in SIGNS.items() if style & bit)


if sys.platform == "win32":
    from ctypes import wintypes

    _EACH_WINDOW = ctypes.WINFUNCTYPE(wintypes.BOOL, wintypes.HWND, wintypes.LPARAM)

    class WindowsOverlays:
        """Implements `OverlayProbe`. Thread: one at a time.

        Args:
            our_pid: windows of this process are ours.
        """

        def __init__(self, our_pid: int | None = None) -> None:
            self._our_pid = os.getpid() if our_pid is None else our_pid
            self._user32 = _user32()
            self._programs: dict[int, str] = {}

        def foreign_windows(self) -> tuple[WindowFact, ...] | Unseen:
            """Visible top-level windows of others that are hidden or lie over the rest."""
            found: list[WindowFact] = []

            def each(window: int, _parameter: int) -> bool:
                if window and self._user32.IsWindowVisible(window):
                    fact = self._fact(window)
                    if fact is not None:
                        found.append(fact)
                return True

            if not self._user32.EnumWindows(_EACH_WINDOW(each), 0):
                return Unseen("CALL_REFUSED")
            owners = {fact.pid for fact in found}
            self._programs = {p: n for p, n in self._programs.items() if p in owners}
            return tuple(found)

        def _fact(self, window: int) -> WindowFact | None:
            pid = wintypes.DWORD()
            self._user32.GetWindowThreadProcessId(window, ctypes.byref(pid))
            if pid.value == self._our_pid:
                return None
            affinity = wintypes.DWORD()
            told = self._user32.GetWindowDisplayAffinity(window, ctypes.byref(affinity))
            is_hidden = bool(told and affinity.value)
            signs = signs_of(self._user32.GetWindowLongW(window, GWL_EXSTYLE))
            if not is_hidden and not signs >= OVER_OTHERS:
                return None
            if pid.value not in self._programs:
                self._programs[pid.value] = program_of(pid.value)
            name = ctypes.create_unicode_buffer(CLASS_LETTERS)
            self._user32.GetClassNameW(window, name, CLASS_LETTERS)
            program = self._programs[pid.value]
            return WindowFact(pid.value, program, name.value, is_hidden, signs)

    def _user32() -> ctypes.WinDLL:
        user32 = ctypes.WinDLL("user32", use_last_error=True)
        user32.EnumWindows.argtypes = (_EACH_WINDOW, wintypes.LPARAM)
        user32.IsWindowVisible.argtypes = (wintypes.HWND,)
        user32.GetWindowThreadProcessId.argtypes = (
            wintypes.HWND,
            ctypes.POINTER(wintypes.DWORD),
        )
        user32.GetWindowDisplayAffinity.argtypes = (
            wintypes.HWND,
            ctypes.POINTER(wintypes.DWORD),
        )
        user32.GetWindowLongW.argtypes = (wintypes.HWND, ctypes.c_int)
        user32.GetClassNameW.argtypes = (wintypes.HWND, wintypes.LPWSTR, ctypes.c_int)
        return user32
