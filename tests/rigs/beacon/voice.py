"""Speaks the time into a FIFO as a sound card of some crystal would: `voice.py FIFO PPM`.

A block of ten milliseconds is handed over when its last sample has sounded. What nobody takes is
counted and lost, as on a card; the count is told at the end, on SIGTERM.
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.rigs.beacon.marks import SOUND_HZ, sound_at

BLOCK = 480
PIPE_BYTES = 65536  # 0.7 s: PulseAudio may be late, a stall beyond is a loss


def main() -> int:
    fifo, ppm = sys.argv[1], float(sys.argv[2])
    rate_hz = SOUND_HZ * (1 + ppm / 1e6)
    pipe = os.open(fifo, os.O_WRONLY)
    fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    os.set_blocking(pipe, False)
    asked: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: asked.append(number))
    began_s, sent, lost, latest_s = time.monotonic(), 0, 0, 0.0
    while not asked:
        times_s = began_s + np.arange(sent, sent + BLOCK) / rate_hz
        block = sound_at(times_s).astype(np.int16).tobytes()
        wait_s = began_s + (sent + BLOCK) / rate_hz - time.monotonic()
        if wait_s > 0:
            time.sleep(wait_s)
        latest_s = max(latest_s, -wait_s)
        try:
            os.write(pipe, block)
        except BlockingIOError:
            lost += 1
        except BrokenPipeError:
            break
        sent += BLOCK
    print(f"blocks lost {lost}, latest {latest_s * 1000:.1f} ms", file=sys.stderr, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
