"""The low-level keyboard hook of Windows, in a thread of its own with its own message loop.

Windows drops a hook silently whose callback is slow once (LowLevelHooksTimeout), so the callback
only compares and counts, and the hook is put in anew every few seconds. It ends with the process.
It sees nothing while an elevated program has the keyboard, and never Ctrl+Alt+Del and Win+L.
"""

from __future__ import annotations

import ctypes
import sys
import threading
import time
from collections import deque

from zhishiyun_client.guard.chords import ChordRefused, refused_as
from zhishiyun_client.guard.systems.windows_keys import HeldKeys
from zhishiyun_client.ports.locking import Before
from zhishiyun_client.runtime.worker import Report, Worker

REARM_S = 5.0
LOOK_MS = 200
WH_KEYBOARD_LL = 13
WM_KEYDOWN, WM_SYSKEYDOWN = 0x0100, 0x0104
HC_ACTION = 0
IS_DOWN = 0x8000
STOPS_WITHIN_S = 2.0


class KeyEvent(ctypes.Structure):
    """KBDLLHOOKSTRUCT; fixed widths, so that its size is asserted on every system."""

    _fields_ = (
        ("code", ctypes.c_uint32),
        ("scan", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
        ("time_ms", ctypes.c_uint32),
        ("extra", ctypes.c_size_t),
    )


if sys.platform == "win32":
    from ctypes import wintypes

    _LRESULT = ctypes.c_ssize_t
    _HOOK = ctypes.WINFUNCTYPE(_LRESULT, ctypes.c_int, wintypes.WPARAM, wintypes.LPARAM)

    class KeyboardHook(Worker):
        """Thread "keyboard-hook": keeps chords back and reports each as `ChordRefused`."""

        def __init__(self, report: Report) -> None:
            super().__init__("keyboard-hook", report)
            self._user32 = _user32()
            self._callback = _HOOK(self._on_key)  # kept: Windows holds only its address
            self._held = HeldKeys()
            self._refused: deque[str] = deque(maxlen=64)
            self._hook: int | None = None
            self._timer = 0
            self._armed_s = 0.0

        def turn(self, stop: threading.Event) -> None:
            """Wait for the next message; the hook is called while waiting."""
            if not self._timer:
                self._timer = self._user32.SetTimer(None, 0, LOOK_MS, None)
            now_s = time.monotonic()
            if now_s - self._armed_s >= REARM_S:
                self._arm()
                self._armed_s = now_s
                self._forget_lost()
            message = wintypes.MSG()
            self._user32.GetMessageW(ctypes.byref(message), None, 0, 0)
            while self._refused:
                self._report(ChordRefused(self._refused.popleft()))

        def leave(self) -> None:
            """Take the hook out."""
            if self._timer:
                self._user32.KillTimer(None, self._timer)
            if self._hook:
                self._user32.UnhookWindowsHookEx(self._hook)
                self._hook = None

        def _arm(self) -> None:
            fresh = self._user32.SetWindowsHookExW(WH_KEYBOARD_LL, self._callback, _module(), 0)
            if not fresh:
                raise ctypes.WinError(ctypes.get_last_error())
            if self._hook:
                self._user32.UnhookWindowsHookEx(self._hook)
            self._hook = fresh

        def _forget_lost(self) -> None:
            """Keys whose release got lost must not hold the keyboard (Ctrl+Alt+Del, Win+L).

            The Windows key is kept back, so the system never calls it down: it is forgotten too.
            """
            up = (code for code in self._held.down if not self._is_down(code))
            self._held.forget(frozenset(up))

        def _is_down(self, code: int) -> bool:
            return bool(self._user32.GetAsyncKeyState(code) & IS_DOWN)

        def _on_key(self, code: int, kind: int, address: int) -> int:
            if code == HC_ACTION:
                event = KeyEvent.from_address(address)
                is_down = kind in (WM_KEYDOWN, WM_SYSKEYDOWN)
                reason = refused_as(self._held.take(event.code, event.flags, is_down=is_down))
                if reason and is_down:
                    self._refused.append(reason)
                    return 1
            return int(self._user32.CallNextHookEx(None, code, kind, address))

    class HookStep:
        """Implements `LockStep`: the keyboard on Windows."""

        name = "keyboard"

        def __init__(self, report: Report) -> None:
            self._report = report
            self._hook: KeyboardHook | None = None

        def look(self) -> Before:
            """Nothing to remember: the hook dies with the process."""
            return {}

        def apply(self) -> None:
            """Start the hook's thread."""
            if self._hook is None:
                self._hook = KeyboardHook(self._report)
                self._hook.start()

        def undo(self, _before: Before) -> None:
            """Stop it; nothing to do where another process had it."""
            hook, self._hook = self._hook, None
            if hook is not None:
                hook.stop(STOPS_WITHIN_S)

    def _module() -> int | None:
        kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel32.GetModuleHandleW.argtypes = (wintypes.LPCWSTR,)
        kernel32.GetModuleHandleW.restype = wintypes.HMODULE
        found: int | None = kernel32.GetModuleHandleW(None)
        return found

    def _user32() -> ctypes.WinDLL:
        user32 = ctypes.WinDLL("user32", use_last_error=True)
        user32.SetWindowsHookExW.argtypes = (
            ctypes.c_int,
            _HOOK,
            wintypes.HINSTANCE,
            wintypes.DWORD,
        )
        user32.SetWindowsHookExW.restype = wintypes.HHOOK
        user32.CallNextHookEx.argtypes = (
            wintypes.HHOOK,
            ctypes.c_int,
            wintypes.WPARAM,
            wintypes.LPARAM,
        )
        user32.CallNextHookEx.restype = _LRESULT
        user32.UnhookWindowsHookEx.argtypes = (wintypes.HHOOK,)
        user32.GetMessageW.argtypes = (
            ctypes.POINTER(wintypes.MSG),
            wintypes.HWND,
            wintypes.UINT,
            wintypes.UINT,
        )
        user32.GetAsyncKeyState.argtypes = (ctypes.c_int,)
        user32.GetAsyncKeyState.restype = ctypes.c_short
        user32.SetTimer.argtypes = (wintypes.HWND, ctypes.c_size_t, wintypes.UINT, ctypes.c_void_p)
        user32.SetTimer.restype = ctypes.c_size_t
        user32.KillTimer.argtypes = (wintypes.HWND, ctypes.c_size_t)
        return user32
