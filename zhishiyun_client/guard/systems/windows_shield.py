"""Our own window kept out of screenshots and recordings on Windows, where the plan wants it.

It is then missing in our own recording too, which shows what lies behind it: the plan decides
(docs/lockdown.md). Windows takes it back with the window; other programs may reset it, so it is set
again at every beat.
"""

from __future__ import annotations

import ctypes
import sys

from zhishiyun_client.ports.locking import Before, NotHere, ShownWindow

# SetWindowDisplayAffinity. Source: winuser.h; the second since Windows 10 2004.
NONE, MONITOR, EXCLUDED = 0x00, 0x01, 0x11

if sys.platform == "win32":
    from ctypes import wintypes

    class CaptureShieldStep:
        """Implements `LockStep` and `Renewed`. Thread: ui."""

        name = "capture_shield"

        def __init__(self, window: ShownWindow) -> None:
            self._window = window
            self._is_up = False

        def look(self) -> Before:
            """Nothing to remember. Raises `NotHere`: not wanted, no window, or refused."""
            if not self._window.wants_hiding():
                raise NotHere("NOT_WANTED")
            window = self._window.native_id()
            if not window:
                raise NotHere("NO_WINDOW")
            if not _set(window, NONE):
                raise NotHere("CALL_REFUSED")
            return {}

        def apply(self) -> None:
            """Hide it; on an older Windows it is black instead. Raises OSError."""
            self._is_up = True
            if not self.renew():
                raise ctypes.WinError(ctypes.get_last_error())

        def renew(self) -> bool:
            """Set it again, if it is set at all; whether it holds."""
            window = self._window.native_id()
            return not self._is_up or _set(window, EXCLUDED) or _set(window, MONITOR)

        def undo(self, _before: Before) -> None:
            """Show it again; nothing to do where another process had the window."""
            self._is_up = False
            window = self._window.native_id()
            if window:
                _set(window, NONE)

    def _set(window: int, affinity: int) -> bool:
        user32 = ctypes.WinDLL("user32", use_last_error=True)
        user32.SetWindowDisplayAffinity.argtypes = (wintypes.HWND, wintypes.DWORD)
        return bool(user32.SetWindowDisplayAffinity(window, affinity))
