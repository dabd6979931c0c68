"""How many files and connections this process may have open: what the system allows, not less."""

from __future__ import annotations

import sys

if sys.platform != "win32":
    import resource

MOST = 65536  # some fifteen a candidate with computer and phone, for a few thousand of them


def allow_many() -> None:
    """Raise the soft limit; many systems begin with 1024, too few for a hall of 500."""
    if sys.platform == "win32":
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST if hard == resource.RLIM_INFINITY else min(MOST, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
