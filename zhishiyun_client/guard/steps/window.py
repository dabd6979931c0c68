"""Steps that only the desk's window can do; they end with its process."""

from __future__ import annotations

from zhishiyun_client.ports.locking import Before, Clipboard, KeyboardHold, NotHere


class KeyboardStep:
    """The whole keyboard for our window (X11)."""

    name = "keyboard"

    def __init__(self, hold: KeyboardHold) -> None:
        self._hold = hold

    def look(self) -> Before:
        """Nothing to remember. Raises `NotHere` where a window cannot hold it."""
        if not self._hold.is_possible():
            raise NotHere("NO_GRAB")
        return {}

    def apply(self) -> None:
        """Hold it."""
        self._hold.take()

    def undo(self, _before: Before) -> None:
        """Let go."""
        self._hold.give_back()


class ClipboardStep:
    """Nothing comes in by the clipboard, nothing goes out.

    What was in it before is not kept: it may be anything, and a journal is no place for it.
    """

    name = "clipboard"

    def __init__(self, clipboard: Clipboard) -> None:
        self._clipboard = clipboard

    def look(self) -> Before:
        """Nothing to remember."""
        return {}

    def apply(self) -> None:
        """Empty it and keep it empty for others."""
        self._clipboard.take()

    def undo(self, _before: Before) -> None:
        """Empty it and let go."""
        self._clipboard.give_back()


class NoWindow:
    """Implements `LockedWindow` and `Clipboard` for whoever undoes without a window.

    The window's process is dead, and what it held went with it.
    """

    def is_possible(self) -> bool:
        """There is no window."""
        return False

    def take(self) -> None:
        """Nothing can be held."""

    def give_back(self) -> None:
        """Nothing is held."""

    def native_id(self) -> int:
        """There is no window."""
        return 0

    def wants_hiding(self) -> bool:
        """There is nothing to hide."""
        return False
