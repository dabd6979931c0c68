"""Memory: few pools, and what was used and is free again goes back to the system.

glibc keeps a pool for each thread and gives little back: 45 MB in the desk, 24 MB in the recorder,
and 100 MB more after a face pack was parsed; and it learns to keep whatever was as large as the
largest picture (docs/measured/memory.md). Windows and macOS do better by themselves; musl has
neither call.
"""

from __future__ import annotations

import ctypes
import gc
import mmap
import sys
from pathlib import Path

POOLS = 2
LARGE_BYTES = 1 << 20
"""From here on memory is the system's own again when it is free: pictures, what nets work in.
A quarter saves 4 MB more, four times as much 14 less (docs/measured/memory.md)."""

KEPT_BYTES = 8 << 20
"""So much of the heap's end is kept although free: a small picture that comes and goes fifteen
times a second must not be given back and cleared anew each time (3 % of a core)."""

MAPPINGS = Path("/proc/self/maps")
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8  # <malloc.h>


def keep_few_pools() -> None:
    """Let threads share two pools that keep little; called before the first thread is made."""
    if sys.platform == "linux":
        choose = getattr(ctypes.CDLL(None), "mallopt", None)
        if choose is not None:
            choose(M_ARENA_MAX, POOLS)
            choose(M_MMAP_THRESHOLD, LARGE_BYTES)
            choose(M_TRIM_THRESHOLD, KEPT_BYTES)


def give_back() -> None:
    """Let the C library return what it keeps, and unmap libraries' code; some milliseconds.

    Worth calling after something large was loaded or dropped.
    """
    gc.collect()
    if sys.platform == "linux":
        library = ctypes.CDLL(None, use_errno=True)
        trim = getattr(library, "malloc_trim", None)
        if trim is not None:
            trim(0)
        _unmap_code(library)


if sys.platform == "linux":

    def _unmap_code(library: ctypes.CDLL) -> None:
        """Let go of libraries' code: what runs again is mapped again from the system's file cache.

        What only loading needed (an optimiser of nets, tables of a hundred codecs) stays unmapped,
        as it would where memory is short. Only code: nobody has written in it, nothing can be lost.
        """
        madvise = library.madvise
        madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
        try:
            mappings = MAPPINGS.read_text("utf-8", "replace").splitlines()
        except OSError:
            return
        for mapping in mappings:
            words = mapping.split(maxsplit=5)
            if words[1] == "r-xp" and words[-1].startswith("/"):
                begin, end = (int(place, 16) for place in words[0].split("-"))
                madvise(begin, end - begin, mmap.MADV_DONTNEED)

else:

    def _unmap_code(library: ctypes.CDLL) -> None:
        """Windows trims what its programs have in memory by itself."""
