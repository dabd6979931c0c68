"""A program that tells which microphones PortAudio lists, as one line of JSON.

A program of its own, because PortAudio can abort the process that asks (without ALSA's settings
it does). Nothing is recorded.

    python -m zhishiyun_client.rehearsal.sound_inputs
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

NO_PORTAUDIO = 3


def main(_arguments: Sequence[str]) -> int:
    """Print the names; NO_PORTAUDIO when there is no PortAudio to ask."""
    try:
        sounddevice: Any = import_module("sounddevice")  # loads PortAudio, which may be missing
    except OSError:
        return NO_PORTAUDIO
    devices = sounddevice.query_devices()
    names = [str(device["name"]) for device in devices if device["max_input_channels"] > 0]
    sys.stdout.write(json.dumps(names) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
