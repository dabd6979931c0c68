"""httpx without its command line: where rich and click are installed it would load 70 files more.

Six megabytes and 70 ms of a start, in desk and recorder, for nobody (docs/measured/memory.md).
"""

from __future__ import annotations

import sys

COMMAND_LINE = "httpx._main"
if "httpx" not in sys.modules:
    sys.modules[COMMAND_LINE] = None  # type: ignore[assignment]  # None: importing it fails, which httpx expects

import httpx  # noqa: E402 - what comes before makes it light

__all__ = ["httpx"]
