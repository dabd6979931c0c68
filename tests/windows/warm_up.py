"""Plug and pull the second display once, before any test runs.

WORKAROUND docs/measured/windows.md: a Wine whose server was started for this X server hears of
new displays only from its second session on; nothing short of a first session with a display that
came and went was found to help.
"""

from __future__ import annotations

import time

from tests.rigs.stage_hand import ask
from zhishiyun_client.guard.systems.windows import Windows

SETTLES_S = 2.0


def main() -> None:
    """Let Wine look before, between and after."""
    Windows().displays()
    time.sleep(SETTLES_S / 2)
    ask("xrandr", "--addmode", "DUMMY1", "1366x768")
    ask("xrandr", "--output", "DUMMY1", "--mode", "1366x768", "--right-of", "DUMMY0")
    time.sleep(SETTLES_S)
    Windows().displays()
    ask("xrandr", "--output", "DUMMY1", "--off")
    time.sleep(SETTLES_S)


if __name__ == "__main__":
    main()
