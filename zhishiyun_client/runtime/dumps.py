"""No memory of this process on disk: it may hold a face, keys, or what somebody said."""

from __future__ import annotations

import sys

if sys.platform != "win32":
    import resource


def forbid_core_dumps() -> None:
    """Have the system write no core file when this process crashes; children inherit it.

    Windows writes none unless an administrator asked for it.
    """
    if sys.platform != "win32":
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
