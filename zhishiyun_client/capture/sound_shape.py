"""Sound as it comes, made into what is recorded: 48 kHz, mono, each piece in its place.

A headset gives 16 kHz, many cards only 44.1 kHz, some inputs two channels only. Windows refuses
every rate but the device's own. What comes is resampled; its place is still counted in the device's
own samples (`sound_clock.py`), so the offset to the pictures stays the same.
"""

from __future__ import annotations

import av
import numpy as np
from numpy.typing import NDArray

from zhishiyun_client.capture.encoders import SOUND_HZ

US = 1_000_000
SAMPLE_BYTES = 2
BLOCK_S = 0.02  # half a frame: what one lacks after the stretch comes 20 ms later, not 40

Samples = NDArray[np.int16]


def block_of(rate_hz: int) -> int:
    """Samples of 20 ms at a device's own rate."""
    return round(rate_hz * BLOCK_S)


class SoundShape:
    """Blocks of one running stream in, the same at 48 kHz out, with their instants.

    Args:
        rate_hz, channels: of the device. Thread: the microphone's.
    """

    def __init__(self, rate_hz: int, channels: int) -> None:
        self.rate_hz, self.channels = rate_hz, channels
        self._resampler: av.AudioResampler | None = None
        if rate_hz != SOUND_HZ:
            self._resampler = av.AudioResampler(format="s16", layout="mono", rate=SOUND_HZ)
        self._taken = 0  # samples of the device so far
        self._given = 0  # samples at 48 kHz so far

    @property
    def is_plain(self) -> bool:
        """Whether the device gives what is recorded."""
        return self._resampler is None and self.channels == 1

    def samples_in(self, sound: bytes) -> int:
        """How many samples of the device these int16 bytes are, however many channels it has."""
        return len(sound) // (SAMPLE_BYTES * self.channels)

    def feed(self, sound: Samples, start_us: int) -> tuple[Samples, int]:
        """What is ready, int16 (n,), n >= 0, and when its first sample was heard.

        Args:
            sound:    int16, channels interleaved.
            start_us: when its first sample was heard, monotonic µs.
        """
        mono = mixed(sound, self.channels)
        held_back = self._taken * SOUND_HZ / self.rate_hz - self._given
        made = mono if self._resampler is None else self._resampled(self._resampler, mono)
        self._taken += len(mono)
        self._given += len(made)
        return made, start_us - round(held_back * US / SOUND_HZ)

    def _resampled(self, resampler: av.AudioResampler, mono: Samples) -> Samples:
        frame = av.AudioFrame.from_ndarray(mono.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = self.rate_hz
        made = [piece.to_ndarray().reshape(-1) for piece in resampler.resample(frame)]
        return np.concatenate(made) if made else np.empty(0, np.int16)


def mixed(sound: Samples, channels: int) -> Samples:
    """Mono, int16; one of two channels that is silent does not halve the other.

    A microphone on a stereo input often fills one channel only.
    """
    if channels == 1:
        return sound
    split = sound.reshape(-1, channels)
    speaking = split.any(axis=0)
    count = max(int(speaking.sum()), 1)
    mean: Samples = (split.astype(np.int32).sum(axis=1) // count).astype(np.int16)
    return mean
