"""Errors nobody expected, wherever they happen, reach one function."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

QT_NOISE = ("This plugin does not support",)
"""What Qt says on platforms where it means nothing."""


def install_hooks(on_broken: Callable[[BaseException], None]) -> None:
    """Hand uncaught errors of slots and threads to `on_broken`; Qt's warnings go to stderr."""

    def of_main(
        _kind: type[BaseException], error: BaseException, _trace: TracebackType | None
    ) -> None:
        on_broken(error)

    def of_thread(arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None:
            on_broken(arguments.exc_value)

    sys.excepthook = of_main
    threading.excepthook = of_thread
    qInstallMessageHandler(_on_qt_message)


def _on_qt_message(kind: QtMsgType, _context: QMessageLogContext, words: str) -> None:
    if kind is not QtMsgType.QtDebugMsg and not words.startswith(QT_NOISE):
        print(f"qt: {words}", file=sys.stderr)
