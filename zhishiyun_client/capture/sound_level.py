"""How it sounds: a bar, clipping, silence, faintness; told only when it lasts (R111, F16)."""

from __future__ import annotations

import math
from collections import deque

import numpy as np
from numpy.typing import NDArray

from zhishiyun_client.ports.devices import Sound

FULL_SCALE = 32768
FLOOR_DB = -60.0  # the bar's left end: quieter is hiss
FALL = 0.775  # of the level's last value in 20 ms: a bar that can be read
FALL_S = 0.02

RAIL = int(FULL_SCALE * 0.985)  # converters saturate just below 1
CLIPPED_SAMPLES = 3  # in a block: a wave that is cut off stays at the rail, a peak touches it once
CLIPPED_WINDOW_S = 3.0
CLIPPED_FOR_S = 0.2  # of the window; a knock on the desk lasts 40 to 80 ms
CLIPPED_OVER_S = 0.04

SILENT_AFTER_S = 5.0
GATED_AFTER_S = 60.0
"""Digital silence: every sample the same. An open microphone always hisses, but some drivers send
zeros while nobody speaks; who has once come back by himself is given a minute (a drawing candidate
says nothing for an hour)."""
GATES_FROM_S = 0.5

FAINT_BELOW_SHARE = 0.003  # peak, −50 dBFS: speech at arm's length peaks at −30 and more
FAINT_AFTER_S = 15.0


class SoundMeter:
    """Takes every block, int16 (samples,), and says how it sounds."""

    def __init__(self) -> None:
        self.sound = Sound()
        self._level = 0.0
        self._heard_s = 0.0
        self._loudest = 0.0
        self._still_s = 0.0
        self._gates = False
        self._clipped: deque[float] = deque()
        self._is_clipped = False

    def hear(self, block: NDArray[np.int16], rate_hz: int) -> None:
        """One more block."""
        length_s = len(block) / rate_hz
        low, high = int(block.min()), int(block.max())
        peak = max(high, -low) / FULL_SCALE
        samples = block.astype(np.float32)
        rms = math.sqrt(float(samples @ samples) / len(block)) / FULL_SCALE
        share = max(0.0, 1 - 20 * math.log10(max(rms, 1e-6)) / FLOOR_DB)
        self._level = max(min(share, 1.0), self._level * FALL ** (length_s / FALL_S))
        self._heard_s += length_s
        self._loudest = max(self._loudest, peak)
        self._note_still(low == high, length_s)
        self._note_clipped(block, length_s, may_be=max(high, -low) >= RAIL)
        self.sound = Sound(
            level_share=round(self._level, 3),
            peak_share=round(min(peak, 1.0), 4),
            clipped=self._is_clipped,
            silent=self._still_s >= (GATED_AFTER_S if self._gates else SILENT_AFTER_S),
            faint=self._heard_s >= FAINT_AFTER_S and self._loudest < FAINT_BELOW_SHARE,
        )

    def _note_still(self, is_still: bool, length_s: float) -> None:
        if is_still:
            self._still_s += length_s
            return
        if self._still_s >= GATES_FROM_S and self._heard_s > self._still_s + length_s:
            self._gates = True  # it fell silent after it had sounded, and came back by itself
        self._still_s = 0.0

    def _note_clipped(self, block: NDArray[np.int16], length_s: float, *, may_be: bool) -> None:
        at_rail = may_be and int((np.abs(block.astype(np.int32)) >= RAIL).sum()) >= CLIPPED_SAMPLES
        if at_rail:
            self._clipped.append(self._heard_s)
        while self._clipped and self._heard_s - self._clipped[0] > CLIPPED_WINDOW_S:
            self._clipped.popleft()
        clipped_s = len(self._clipped) * length_s
        least_s = CLIPPED_OVER_S if self._is_clipped else CLIPPED_FOR_S
        self._is_clipped = clipped_s >= least_s - 1e-9
