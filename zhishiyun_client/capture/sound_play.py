"""A process that plays sound from its standard input, so that no other's sound system is disturbed.

zhishiyun sound-play < six-seconds.pcm

48 kHz, mono, 16 bits, little-endian. PortAudio in the recorder is restarted when a device comes or
goes, and would take a stream that plays with it. Nothing is written anywhere.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from zhishiyun_client.capture import portaudio
from zhishiyun_client.capture.encoders import SOUND_HZ

EXIT_NO_PORTAUDIO = 3
EXIT_NO_SPEAKER = 5


def main(_arguments: Sequence[str]) -> int:
    """0: everything was played, by the system's own choice of a speaker."""
    sounddevice = portaudio.load(None)
    if sounddevice is None:
        return EXIT_NO_PORTAUDIO
    sound = sys.stdin.buffer.read()
    try:
        with sounddevice.RawOutputStream(SOUND_HZ, channels=1, dtype="int16") as stream:
            stream.write(sound)
            stream.stop()  # waits until it was heard; leaving the block would cut the end off
    except (sounddevice.PortAudioError, ValueError):
        return EXIT_NO_SPEAKER
    return 0
