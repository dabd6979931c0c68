"""A process that asks PortAudio for its devices, so that the recorder need not die of the answer.

zhishiyun sound-probe
"""

from __future__ import annotations

from collections.abc import Sequence

from zhishiyun_client.capture import portaudio

EXIT_NO_PORTAUDIO = 3


def main(_arguments: Sequence[str]) -> int:
    """0: PortAudio answers. Nothing is recorded."""
    sounddevice = portaudio.load(None)
    if sounddevice is None:
        return EXIT_NO_PORTAUDIO
    sounddevice.query_devices()
    return 0
