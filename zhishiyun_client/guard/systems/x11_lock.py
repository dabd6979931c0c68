"""The screen stays on under X11: the server's screen saver is switched off and journalled.

The server keeps this setting when its client dies, so it is the one that needs the journal.
"""

from __future__ import annotations

import logging
import os

from zhishiyun_client.guard.systems.x11_replies import read_screen_saver
from zhishiyun_client.guard.systems.xcb import Xcb
from zhishiyun_client.ports.locking import Before, NotHere

LOG = logging.getLogger(__name__)
NEVER = 0


class ScreenSaverStep:
    """Implements `LockStep` for the core protocol's screen saver. Thread: one at a time."""

    name = "screen_saver"

    def __init__(self) -> None:
        self._found: Before | None = None

    def look(self) -> Before:
        """Its four numbers and the display they belong to. Raises `NotHere`."""
        display = os.environ.get("DISPLAY", "")
        if not display or os.environ.get("WAYLAND_DISPLAY"):
            raise NotHere("NO_X11")  # Xwayland's own saver blanks nothing
        try:
            with Xcb(display) as xcb:
                reply = xcb.ask("get_screen_saver")
        except OSError as error:
            raise NotHere("NO_X11") from error
        if reply is None:
            raise NotHere("CALL_REFUSED")
        timeout_s, interval_s, blanks, exposes = read_screen_saver(reply)
        self._found = {
            "display": display,
            "timeout_s": timeout_s,
            "interval_s": interval_s,
            "blanks": blanks,
            "exposes": exposes,
        }
        return self._found

    def apply(self) -> None:
        """Never blank. Raises OSError."""
        self._set(self._found if self._found is not None else self.look(), NEVER)

    def undo(self, before: Before) -> None:
        """As it was; a server that is gone has taken its settings with it."""
        try:
            self._set(before, int(before["timeout_s"]))
        except ConnectionError:
            LOG.info("display %s is gone; its screen saver needs no undoing", before["display"])

    def _set(self, numbers: Before, timeout_s: int) -> None:
        with Xcb(str(numbers["display"])) as xcb:
            done = xcb.tell(
                "set_screen_saver",
                timeout_s,
                int(numbers["interval_s"]),
                int(numbers["blanks"]),
                int(numbers["exposes"]),
            )
        if not done:
            raise OSError("the X server refused its screen saver")
