"""How loud it is: a bar, clipping, silence (R111)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from zhishiyun_client.ports.devices import Sound

FULL_SCALE = 32768
FLOOR_DB = -60.0  # the bar's left end: quieter is hiss
CLIPPED_FROM = 0.985  # of full scale; converters saturate just below 1
CLIPPED_FOR_S = 3.0  # a clip stays told for so long
SILENT_BELOW_SHARE = 0.001  # peak, −60 dBFS: any open microphone in a room is louder
SILENT_AFTER_S = 5.0
FALL = 0.775  # of the level's last value per block of 20 ms: a bar that can be read


class SoundMeter:
    """Takes every block, int16 (samples,), and says how it sounds."""

    def __init__(self) -> None:
        self.sound = Sound()
        self._level = 0.0
        self._clipped_s = 0.0
        self._silent_s = 0.0

    def hear(self, block: NDArray[np.int16], rate_hz: int) -> None:
        """One more block."""
        length_s = len(block) / rate_hz
        peak = float(max(int(block.max()), -int(block.min()))) / FULL_SCALE
        samples = block.astype(np.float32)
        rms = math.sqrt(float(samples @ samples) / len(block)) / FULL_SCALE
        share = max(0.0, 1 - 20 * math.log10(max(rms, 1e-6)) / FLOOR_DB)
        self._level = max(min(share, 1.0), self._level * FALL)
        self._clipped_s = CLIPPED_FOR_S if peak >= CLIPPED_FROM else self._clipped_s - length_s
        self._silent_s = self._silent_s + length_s if peak < SILENT_BELOW_SHARE else 0.0
        self.sound = Sound(
            level_share=round(self._level, 3),
            peak_share=round(min(peak, 1.0), 4),
            clipped=self._clipped_s > 0,
            silent=self._silent_s >= SILENT_AFTER_S,
        )

    def lose(self) -> None:
        """There is no sound any more."""
        self.sound = Sound()
        self._level = self._clipped_s = self._silent_s = 0.0
