"""A program that tells which screens could be filmed here, as one line of JSON.

A program of its own, because a display that hangs hangs whoever asks. No picture is taken.

    python -m zhishiyun_client.rehearsal.display_look
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

import mss

NO_DISPLAY = 3


def main(_arguments: Sequence[str]) -> int:
    """Print `WIDTHxHEIGHT` of every screen; NO_DISPLAY when none answers."""
    try:
        with mss.MSS() as screens:
            monitors = screens.monitors[1:]
    except mss.ScreenShotError:
        return NO_DISPLAY
    sizes = [f"{monitor['width']}x{monitor['height']}" for monitor in monitors]
    sys.stdout.write(json.dumps(sizes) + "\n")
    return 0 if sizes else NO_DISPLAY


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
