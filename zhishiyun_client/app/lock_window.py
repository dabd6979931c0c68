"""What the window itself does for the lock: hold the keyboard, keep chords back, own the clipboard.

Everything here ends with the process: the X server takes a grab back when its client is gone.
"""

from __future__ import annotations

import logging
import time

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QClipboard, QGuiApplication, QKeyEvent, QWindow
from PySide6.QtWidgets import QApplication, QWidget

from zhishiyun_client.guard.chords import Chord, ChordRefused, refused_as
from zhishiyun_client.ports.locking import ClipboardTouched
from zhishiyun_client.runtime.worker import Report

LOG = logging.getLogger(__name__)
GRABBING_PLATFORMS = ("xcb",)  # Qt's Windows plug-in grabs nothing: a hook does it there
AGAIN_MS = 200  # somebody else's menu holds the keyboard; it will not for long
EMPTY_AFTER_MS = 1000  # a program that fills it again and again is emptied once a second
TELL_EVERY_S = 1.0
OWN_ECHO_S = 0.3  # emptying is itself a change that is told
NAMES = {
    Qt.Key.Key_Tab: "tab",
    Qt.Key.Key_Backtab: "tab",
    Qt.Key.Key_Escape: "escape",
    Qt.Key.Key_Space: "space",
    Qt.Key.Key_Return: "enter",
    Qt.Key.Key_Enter: "enter",
    Qt.Key.Key_Print: "print",
    Qt.Key.Key_SysReq: "print",
    Qt.Key.Key_Menu: "menu",
    Qt.Key.Key_S: "s",  # Win+Shift+S cuts a picture out of the screen
    Qt.Key.Key_Meta: "win",
    Qt.Key.Key_Super_L: "win",
    Qt.Key.Key_Super_R: "win",
    Qt.Key.Key_Shift: "shift",
    Qt.Key.Key_Control: "ctrl",
    Qt.Key.Key_Alt: "alt",
    Qt.Key.Key_AltGr: "altgr",
}
F1 = Qt.Key.Key_F1.value
F24 = Qt.Key.Key_F24.value


def chord_of(event: QKeyEvent) -> Chord:
    """A key event as the guard knows chords; other letters than S are not told apart."""
    held = event.modifiers()
    code = event.key()
    name = f"f{code - F1 + 1}" if F1 <= code <= F24 else NAMES.get(Qt.Key(code), "other")
    return Chord(
        key=name,
        ctrl=bool(held & Qt.KeyboardModifier.ControlModifier),
        alt=bool(held & Qt.KeyboardModifier.AltModifier),
        shift=bool(held & Qt.KeyboardModifier.ShiftModifier),
        win=bool(held & Qt.KeyboardModifier.MetaModifier),
    )


class WindowHold(QObject):
    """Implements `LockedWindow`; the keyboard by the window's grab. Thread: ui.

    Chords that a grab catches arrive as ordinary keys (Alt+Tab would type a tab), so they are
    kept back here; the input method has seen every key before.
    """

    def __init__(self, window: QWidget, report: Report) -> None:
        super().__init__()
        self._window = window
        self._report = report
        self._wanted = False
        self.hides = False  # whether the plan wants the window out of recordings
        self._held: QWindow | None = None
        self._told_s: dict[str, float] = {}
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(AGAIN_MS)
        self._again.timeout.connect(self.assert_hold)

    def is_possible(self) -> bool:
        """Whether Qt's platform here lets a window hold the keyboard."""
        return QGuiApplication.platformName() in GRABBING_PLATFORMS

    def native_id(self) -> int:
        """The window's number, 0 before it was shown."""
        return int(self._window.winId()) if self._window.isVisible() else 0

    def wants_hiding(self) -> bool:
        """What the plan said."""
        return self.hides

    def take(self) -> None:
        """Hold it, now or as soon as the window can be seen."""
        self._wanted = True
        self.assert_hold()

    def give_back(self) -> None:
        """Let go."""
        self._wanted = False
        self._again.stop()
        if self._held is not None:
            self._held.removeEventFilter(self)
            self._held.setKeyboardGrabEnabled(False)
            self._held = None

    @Slot()
    def assert_hold(self) -> None:
        """Take it again: a menu of ours gives it away, a new native window never had it."""
        if not self._wanted or QApplication.activePopupWidget() is not None:
            return
        if not self._window.isVisible():  # no native window yet
            self._again.start()
            return
        handle = self._window.windowHandle()
        if handle is not self._held:
            handle.installEventFilter(self)
            self._held = handle
        if not handle.setKeyboardGrabEnabled(True):
            self._again.start()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Keep chords back that would leave the exam."""
        kind = event.type()
        if kind not in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            return False
        if not isinstance(event, QKeyEvent):
            return False
        reason = refused_as(chord_of(event))
        if reason and kind == QEvent.Type.KeyPress:
            self._tell(reason)
        return bool(reason)

    def _tell(self, reason: str) -> None:
        """Say it once a second: a key that is held down comes thirty times."""
        now_s = time.monotonic()
        if now_s - self._told_s.get(reason, -TELL_EVERY_S) >= TELL_EVERY_S:
            self._told_s[reason] = now_s
            self._report(ChordRefused(reason))


class PrivateClipboard(QObject):
    """Implements `Clipboard`: what comes from outside is thrown away unread. Thread: ui.

    Nothing is read, not even formats: a frozen owner would freeze this thread for seconds.
    """

    def __init__(self, report: Report) -> None:
        super().__init__()
        self._report = report
        self._clipboard = QGuiApplication.clipboard()
        self._taken = False
        self._echo_until_s = 0.0
        self._empty = QTimer(self)
        self._empty.setSingleShot(True)
        self._empty.setInterval(EMPTY_AFTER_MS)
        self._empty.timeout.connect(self._on_empty)

    def take(self) -> None:
        """Empty it and watch it."""
        if not self._taken:
            self._taken = True
            self._clipboard.dataChanged.connect(self._on_changed)
        self._on_empty()

    def give_back(self) -> None:
        """Empty it and let go."""
        if not self._taken:
            return
        self._taken = False
        self._empty.stop()
        self._clipboard.dataChanged.disconnect(self._on_changed)
        self._on_empty()

    @Slot()
    def _on_changed(self) -> None:
        if self._clipboard.ownsClipboard() or time.monotonic() < self._echo_until_s:
            return
        if not self._empty.isActive():
            self._report(ClipboardTouched())
            self._empty.start()

    @Slot()
    def _on_empty(self) -> None:
        self._echo_until_s = time.monotonic() + OWN_ECHO_S
        self._clipboard.clear(QClipboard.Mode.Clipboard)
        if self._clipboard.supportsSelection():
            self._clipboard.clear(QClipboard.Mode.Selection)
