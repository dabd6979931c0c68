"""A process that asks PortAudio for its devices, so that the recorder need not die of the answer.

zhishiyun sound-probe

Prints the microphones that can be chosen, as one line of JSON. Another process also sees devices
that came after the recorder's own PortAudio had listed them (it lists once, at its start).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import msgspec

from zhishiyun_client.capture import portaudio
from zhishiyun_client.capture.microphones import list_microphones

EXIT_NO_PORTAUDIO = 3


def main(_arguments: Sequence[str]) -> int:
    """0: PortAudio answers. Nothing is recorded."""
    sounddevice = portaudio.load(None)
    if sounddevice is None:
        return EXIT_NO_PORTAUDIO
    sys.stdout.buffer.write(msgspec.json.encode(list_microphones(sounddevice)))  # UTF-8 anywhere
    return 0
