"""What macOS lets an ordinary program lock: the presentation options, by the Objective-C runtime.

They hold only while our window is in front and end with the process. Screenshots and the keyboard
as a whole cannot be held without Apple's entitlement for assessments; the pages say so.
"""

from __future__ import annotations

import ctypes
import sys

from zhishiyun_client.ports.locking import Before, NotHere

# NSApplicationPresentationOptions. Source: NSApplication.h. A wrong combination raises in AppKit:
# hiding the menu bar, no switching and no force quit all require the dock to be hidden.
HIDE_DOCK = 1 << 1
HIDE_MENU_BAR = 1 << 3
DISABLE_APPLE_MENU = 1 << 4
DISABLE_PROCESS_SWITCHING = 1 << 5
DISABLE_FORCE_QUIT = 1 << 6
DISABLE_SESSION_TERMINATION = 1 << 7
DISABLE_HIDE_APPLICATION = 1 << 8
DEFAULT = 0
LOCKED = (
    HIDE_DOCK
    | HIDE_MENU_BAR
    | DISABLE_APPLE_MENU
    | DISABLE_PROCESS_SWITCHING
    | DISABLE_HIDE_APPLICATION
)  # force quit and logging out stay possible: nobody is ever locked in


def is_valid(options: int) -> bool:
    """Whether AppKit takes this combination. Pure. Source: NSApplication's documentation."""
    hides = bool(options & HIDE_DOCK)
    needs_dock = HIDE_MENU_BAR | DISABLE_PROCESS_SWITCHING | DISABLE_FORCE_QUIT
    return hides or not options & needs_dock


if sys.platform == "darwin":

    class PresentationStep:
        """Implements `LockStep`. Thread: ui, which is AppKit's main thread."""

        name = "presentation"

        def look(self) -> Before:
            """Nothing to remember: the options die with the process. Raises `NotHere`."""
            if not _application():
                raise NotHere("NO_APPKIT")
            return {}

        def apply(self) -> None:
            """Hide dock and menu bar, no switching."""
            _set(LOCKED)

        def undo(self, _before: Before) -> None:
            """Everything as usual."""
            _set(DEFAULT)

    def _runtime() -> ctypes.CDLL:
        runtime = ctypes.CDLL("/usr/lib/libobjc.dylib")
        runtime.objc_getClass.argtypes = (ctypes.c_char_p,)
        runtime.objc_getClass.restype = ctypes.c_void_p
        runtime.sel_registerName.argtypes = (ctypes.c_char_p,)
        runtime.sel_registerName.restype = ctypes.c_void_p
        return runtime

    def _application() -> int | None:
        """NSApp, or None where AppKit is not loaded (a command without a window)."""
        runtime = _runtime()
        kind = runtime.objc_getClass(b"NSApplication")
        if not kind:
            return None
        ask = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
        send = ask(("objc_msgSend", runtime))
        found: int | None = send(kind, runtime.sel_registerName(b"sharedApplication"))
        return found

    def _set(options: int) -> None:
        application = _application()
        if not application:
            return
        runtime = _runtime()
        tell = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_ulong)
        send = tell(("objc_msgSend", runtime))
        send(application, runtime.sel_registerName(b"setPresentationOptions:"), options)
