"""Whether a window can open here at all: Qt ends the program where it finds that out itself."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Mapping

from zhishiyun_client.guard.systems.xcb import Xcb
from zhishiyun_protocol.errors import Fixable

QT_CHOICE = "QT_QPA_PLATFORM"
CURSOR_LIBRARY = "libxcb-cursor.so.0"  # Qt's X11 part asks for it since 6.5; systems may lack it


def need_windows(environment: Mapping[str, str] = os.environ) -> None:
    """Refuse to start without a display, before Qt is asked.

    Raises:
        Fixable: NO_DISPLAY, DISPLAY_SILENT, CURSOR_LIBRARY_MISSING.
    """
    if sys.platform != "linux" or environment.get(QT_CHOICE) or environment.get("WAYLAND_DISPLAY"):
        return
    if not environment.get("DISPLAY"):
        raise Fixable(
            "NO_DISPLAY",
            "there is no display: open the program from the desktop, not from a remote terminal.",
            "没有显示器：请在电脑桌面上打开本程序，不要从远程终端启动。",
        )
    try:
        Xcb(environment["DISPLAY"]).close()
    except ConnectionError as error:
        raise Fixable(
            "DISPLAY_SILENT",
            "the display does not answer: log in to the desktop and open the program there.",
            "显示器没有响应：请登录桌面后在桌面上打开本程序。",
        ) from error
    except OSError:
        return  # no libxcb of the system's own: Qt brings what it needs
    _need_cursor_library()


def _need_cursor_library() -> None:
    if getattr(sys, "frozen", False):  # the bundle carries it
        return
    try:
        ctypes.CDLL(CURSOR_LIBRARY)
    except OSError as error:
        raise Fixable(
            "CURSOR_LIBRARY_MISSING",
            f"{CURSOR_LIBRARY} is missing. Install it: sudo apt install libxcb-cursor0",
            f"系统缺少 {CURSOR_LIBRARY}。请安装：sudo apt install libxcb-cursor0",
        ) from error
