"""The way to PortAudio: a system library on Linux; without it pictures are recorded alone."""

from __future__ import annotations

import logging
from typing import Any

LOG = logging.getLogger(__name__)


def load() -> Any | None:
    """The module `sounddevice`, or None where there is no PortAudio."""
    try:
        # Importing it loads and starts PortAudio, which fails where it is not installed.
        import sounddevice
    except OSError as error:
        LOG.warning("no PortAudio: %s", error)
        return None
    return sounddevice


def look_again(sounddevice: Any) -> None:
    """Let PortAudio list its devices anew; no stream may be open."""
    # WORKAROUND PortAudio lists devices once, at its start: restarting it is the only way, and
    # sounddevice offers it under these names only.
    sounddevice._terminate()
    sounddevice._initialize()
