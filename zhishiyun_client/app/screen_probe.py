"""Samples the screen as the recorder films it, for the self-test."""

from __future__ import annotations

import time

import mss
from mss.exception import ScreenShotError

from zhishiyun_client.ports.checks import Missing, ScreenReading

TICKS_PER_S = 10


class ScreenSample:
    """Implements `ScreenProbe`. Thread: a check's."""

    def sample(self, for_s: float) -> ScreenReading | Missing:
        """Grab at the recorder's pace and say how many pictures came and whether all were black."""
        pictures, black = 0, True
        started_s = time.monotonic()
        try:
            with mss.MSS() as grabber:
                whole = grabber.monitors[0]
                while (elapsed_s := time.monotonic() - started_s) < for_s:
                    raw = bytes(grabber.grab(whole).raw)
                    pictures += 1
                    black = black and _is_one_colour(raw)
                    time.sleep(max(0.0, pictures / TICKS_PER_S - elapsed_s))
        except ScreenShotError:
            return Missing("NONE")
        took_s = max(time.monotonic() - started_s, 1e-3)
        return ScreenReading(whole["width"], whole["height"], pictures / took_s, black)


def _is_one_colour(bgra: bytes) -> bool:
    return bgra[:4] * (len(bgra) // 4) == bgra
