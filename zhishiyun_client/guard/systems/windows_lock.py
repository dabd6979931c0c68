"""Steps of Windows that are settings: awake, and the dialog behind five times Shift.

Nothing is written to the registry and nothing needs administrator rights: with fWinIni = 0 the
sticky-keys flags live until the session ends, so a reboot frees the machine in any case.
"""

from __future__ import annotations

import ctypes
import sys

from zhishiyun_client.ports.locking import Before, NotHere

ES_CONTINUOUS = 0x80000000
ES_SYSTEM_REQUIRED = 0x00000001
ES_DISPLAY_REQUIRED = 0x00000002
SPI_GETSTICKYKEYS, SPI_SETSTICKYKEYS = 0x003A, 0x003B
HOTKEY_ACTIVE = 0x00000004  # SKF_HOTKEYACTIVE
CONFIRM_HOTKEY = 0x00000008  # SKF_CONFIRMHOTKEY
NOT_PERSISTED = 0  # fWinIni


class StickyKeys(ctypes.Structure):
    """STICKYKEYS. Source: winuser.h."""

    _fields_ = (("size", ctypes.c_uint32), ("flags", ctypes.c_uint32))


def without_hotkey(flags: int) -> int:
    """The same flags, but five times Shift opens no dialog. Pure."""
    return flags & ~(HOTKEY_ACTIVE | CONFIRM_HOTKEY)


if sys.platform == "win32":

    class AwakeStep:
        """Implements `LockStep`: no sleep while the calling thread lives. Thread: ui."""

        name = "awake"

        def look(self) -> Before:
            """Nothing to remember: the request dies with its thread."""
            return {}

        def apply(self) -> None:
            """Ask the system to stay awake, with its display."""
            _execution_state(ES_CONTINUOUS | ES_SYSTEM_REQUIRED | ES_DISPLAY_REQUIRED)

        def undo(self, _before: Before) -> None:
            """Take the request back."""
            _execution_state(ES_CONTINUOUS)

    class StickyKeysStep:
        """Implements `LockStep`: the one setting of Windows that outlives us until log-off."""

        name = "sticky_keys"

        def look(self) -> Before:
            """The flags as they are. Raises `NotHere` where they may not be set.

            Found by setting what is there already: a refusal must show before anything is locked.
            """
            try:
                flags = _flags()
                self._set(flags)
            except OSError as error:
                raise NotHere("CALL_REFUSED") from error
            return {"flags": flags}

        def apply(self) -> None:
            """Clear the two hot-key flags. Raises OSError."""
            self._set(without_hotkey(_flags()))

        def undo(self, before: Before) -> None:
            """The flags as they were. Raises OSError."""
            self._set(int(before["flags"]))

        def _set(self, flags: int) -> None:
            _parameters(SPI_SETSTICKYKEYS, StickyKeys(ctypes.sizeof(StickyKeys), flags))

    def _flags() -> int:
        keys = StickyKeys(ctypes.sizeof(StickyKeys), 0)
        _parameters(SPI_GETSTICKYKEYS, keys)
        return int(keys.flags)

    def _parameters(action: int, keys: StickyKeys) -> None:
        user32 = ctypes.WinDLL("user32", use_last_error=True)
        done = user32.SystemParametersInfoW(
            action, ctypes.sizeof(keys), ctypes.byref(keys), NOT_PERSISTED
        )
        if not done:
            raise ctypes.WinError(ctypes.get_last_error())

    def _execution_state(state: int) -> None:
        kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel32.SetThreadExecutionState.argtypes = (ctypes.c_uint32,)
        if not kernel32.SetThreadExecutionState(state):
            raise OSError("SetThreadExecutionState was refused")
