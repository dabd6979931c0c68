"""ALSA's encoder for digital outputs, left out while PortAudio opens all that the settings name.

PortAudio asks every device what it can by opening it, and what it opens stays loaded. This one
brings a second FFmpeg with its pictures' libraries: 14 MB (docs/measured/memory.md). It is an
output; whoever names it in his own settings finds it again as soon as PortAudio has listed.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_NAME = b"pcm.a52"  # of Debian's libasound2-plugins
_LIBRARY = "libasound.so.2"  # as PortAudio asks for it: it is the same copy


@contextmanager
def left_out() -> Iterator[None]:
    """Inside, this process's copy of ALSA's settings lacks it; afterwards they are read anew.

    Where there is no ALSA, or its settings are broken, nothing is done: PortAudio will say so.
    """
    alsa = _alsa()
    try:
        if alsa is not None:
            _delete(alsa)
        yield
    finally:
        if alsa is not None:
            alsa.snd_config_update_free_global()


def _alsa() -> ctypes.CDLL | None:
    if sys.platform != "linux":
        return None
    try:
        return ctypes.CDLL(_LIBRARY)
    except OSError:
        return None


def _delete(alsa: ctypes.CDLL) -> None:
    found = ctypes.c_void_p()
    if alsa.snd_config_update() < 0:
        return
    settings = ctypes.c_void_p.in_dll(alsa, "snd_config")
    if alsa.snd_config_search(settings, _NAME, ctypes.byref(found)) == 0:
        alsa.snd_config_delete(found)
