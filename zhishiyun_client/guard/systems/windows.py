"""Displays, windows and who is in front on Windows, by ctypes alone.

Not EnumDisplayMonitors nor Qt: both report a mirrored second screen as one monitor
(measured: research/lockdown.md §3b). WMI is not asked: it answers "no displays" on many machines.
"""

from __future__ import annotations

import ctypes
import os
import sys

import psutil

from zhishiyun_client.guard.focus import SECURE_DESKTOP
from zhishiyun_client.guard.systems.owner import path_of, program_of
from zhishiyun_client.guard.systems.windows_layout import (
    INSUFFICIENT_BUFFER,
    ONLY_ACTIVE_PATHS,
    SUCCESS,
    ModeInfo,
    PathInfo,
    display_facts,
)
from zhishiyun_client.ports.watching import Closing, DisplayFact, FrontFact, Unseen

TRIES = 4  # displays may change between asking for the size and asking for the content
CLASS_LETTERS = TITLE_LETTERS = 256
WM_CLOSE = 0x0010
GW_OWNER = 4
USUAL_DESKTOP = "Default"
DESKTOP_READOBJECTS = 0x0001
UOI_NAME = 2

if sys.platform == "win32":
    from ctypes import wintypes

    from zhishiyun_client.guard.systems.windows_files import original_name

    _EACH_WINDOW = ctypes.WINFUNCTYPE(wintypes.BOOL, wintypes.HWND, wintypes.LPARAM)

    class Windows:
        """Implements `DisplayProbe`, `FocusProbe` and `WindowProbe`. Thread: one at a time.

        Args:
            our_pid: windows of this process are ours.
            titles:  whether titles of windows are read.
        """

        def __init__(self, our_pid: int | None = None, *, titles: bool = False) -> None:
            self._titles = titles
            self._user32 = _user32()
            self._our_pid = os.getpid() if our_pid is None else our_pid
            self._front = (0, "")

        def displays(self) -> tuple[DisplayFact, ...] | Unseen:
            """Every display that shows a picture, mirrored ones included."""
            for _ in range(TRIES):
                paths, modes = ctypes.c_uint32(), ctypes.c_uint32()
                failed = self._user32.GetDisplayConfigBufferSizes(
                    ONLY_ACTIVE_PATHS, ctypes.byref(paths), ctypes.byref(modes)
                )
                if failed:
                    return Unseen(f"DISPLAY_CONFIG_{failed}")
                path_array = (PathInfo * paths.value)()
                mode_array = (ModeInfo * modes.value)()
                answer = self._user32.QueryDisplayConfig(
                    ONLY_ACTIVE_PATHS,
                    ctypes.byref(paths),
                    path_array,
                    ctypes.byref(modes),
                    mode_array,
                    None,
                )
                if answer == SUCCESS:
                    return display_facts(
                        list(path_array[: paths.value]), list(mode_array[: modes.value])
                    )
                if answer != INSUFFICIENT_BUFFER:
                    return Unseen(f"DISPLAY_CONFIG_{answer}")
            return Unseen("DISPLAY_CONFIG_CHANGING")

        def front(self) -> FrontFact | Unseen | None:
            """The foreground window's program and class; None while nobody has the keyboard.

            While another desktop than the usual one has the input (Ctrl+Alt+Del, the lock screen,
            a question of the system) no program can be named, only that.
            """
            if self._input_desktop() != USUAL_DESKTOP:
                return FrontFact(0, "", window_kind=SECURE_DESKTOP)
            window = self._user32.GetForegroundWindow()
            if not window:
                return None
            pid = self._pid_of(window)
            name = ctypes.create_unicode_buffer(CLASS_LETTERS)
            self._user32.GetClassNameW(window, name, CLASS_LETTERS)
            is_ours = pid == self._our_pid
            original = "" if is_ours else self._original(pid)
            title = "" if is_ours else self._title(window)
            return FrontFact(pid, program_of(pid), name.value, "", is_ours, original, title)

        def pids_with_windows(self) -> frozenset[int] | Unseen:
            """Owners of visible, unowned top-level windows."""
            return frozenset(self._pid_of(window) for window in self._visible_windows())

        def ask_to_close(self, process: psutil.Process) -> Closing:
            """Ask every window of the process to close, as its own close button does."""
            if not process.is_running():
                return Closing.GONE
            windows = [w for w in self._visible_windows() if self._pid_of(w) == process.pid]
            if not windows:
                return Closing.NO_WINDOW
            posted = [self._user32.PostMessageW(window, WM_CLOSE, 0, 0) for window in windows]
            return Closing.ASKED if any(posted) else Closing.DENIED

        def close(self) -> None:
            """Nothing is held."""

        def _title(self, window: int) -> str:
            if not self._titles:
                return ""
            title = ctypes.create_unicode_buffer(TITLE_LETTERS)
            self._user32.GetWindowTextW(window, title, TITLE_LETTERS)
            return title.value

        def _original(self, pid: int) -> str:
            """The maker's name for the program's file, read once while it stays in front."""
            if self._front[0] != pid:
                self._front = (pid, original_name(path_of(pid)))
            return self._front[1]

        def _input_desktop(self) -> str:
            """The name of the desktop that has the input; "" where we may not even ask."""
            desktop = self._user32.OpenInputDesktop(0, False, DESKTOP_READOBJECTS)
            if not desktop:
                return ""
            name = ctypes.create_unicode_buffer(CLASS_LETTERS)
            self._user32.GetUserObjectInformationW(
                desktop, UOI_NAME, name, ctypes.sizeof(name), None
            )
            self._user32.CloseDesktop(desktop)
            return name.value

        def _visible_windows(self) -> list[int]:
            found: list[int] = []

            def each(window: int, _parameter: int) -> bool:
                owned = self._user32.GetWindow(window, GW_OWNER)
                if window and not owned and self._user32.IsWindowVisible(window):
                    found.append(window)
                return True

            self._user32.EnumWindows(_EACH_WINDOW(each), 0)
            return found

        def _pid_of(self, window: int) -> int:
            pid = wintypes.DWORD()
            self._user32.GetWindowThreadProcessId(window, ctypes.byref(pid))
            return pid.value

    def _user32() -> ctypes.WinDLL:
        user32 = ctypes.WinDLL("user32", use_last_error=True)
        user32.GetForegroundWindow.restype = wintypes.HWND  # a handle is as long as a pointer
        user32.OpenInputDesktop.argtypes = (wintypes.DWORD, wintypes.BOOL, wintypes.DWORD)
        user32.OpenInputDesktop.restype = wintypes.HANDLE
        user32.CloseDesktop.argtypes = (wintypes.HANDLE,)
        user32.GetUserObjectInformationW.argtypes = (
            wintypes.HANDLE,
            ctypes.c_int,
            ctypes.c_void_p,
            wintypes.DWORD,
            ctypes.c_void_p,
        )
        user32.GetClassNameW.argtypes = (wintypes.HWND, wintypes.LPWSTR, ctypes.c_int)
        user32.GetWindowThreadProcessId.argtypes = (
            wintypes.HWND,
            ctypes.POINTER(wintypes.DWORD),
        )
        user32.IsWindowVisible.argtypes = (wintypes.HWND,)
        user32.GetWindow.argtypes = (wintypes.HWND, wintypes.UINT)
        user32.GetWindow.restype = wintypes.HWND
        user32.EnumWindows.argtypes = (_EACH_WINDOW, wintypes.LPARAM)
        user32.PostMessageW.argtypes = (
            wintypes.HWND,
            wintypes.UINT,
            wintypes.WPARAM,
            wintypes.LPARAM,
        )
        return user32
