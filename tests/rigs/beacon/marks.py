"""How the time of CLOCK_MONOTONIC is written into pictures and sound, and read back.

A picture carries its number in a strip of black and white squares, and beside it a square that is
white in the first tenth of every second: the flash. Sound sweeps loudly through that tenth: the
beep; and more slowly through the rest, where a coder for speech keeps it exactly. So every picture
and every piece of sound tells when it was shown, and a recording can be compared with the truth to
the last frame.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]
Samples = NDArray[np.float64]

BITS = 9
SQUARES = BITS + 3  # white, black, the bits (the highest first), even parity
FLASH_S = 0.1

SOUND_HZ = 48_000
BEEP_HZ, BEEP_HZ_S, BEEP_LEVEL = 600.0, 9000.0, 12_000.0  # from 600 to 1500 Hz
REST_HZ, REST_HZ_S, REST_LEVEL = 400.0, 1100.0, 8_000.0  # from 400 to 1400 Hz


def paint(canvas: NDArray[np.uint8], number: int, square_px: int, *, flash: bool) -> None:
    """Write a number and the flash into the upper left corner, (height, width[, colours])."""
    for place, lit in enumerate((*squares_of(number), flash)):
        left = place * square_px
        canvas[:square_px, left : left + square_px] = 255 if lit else 0


def squares_of(number: int) -> tuple[bool, ...]:
    """The strip's squares, True is white."""
    bits = [bool(number >> bit & 1) for bit in reversed(range(BITS))]
    return (True, False, *bits, sum(bits) % 2 == 1)


def read(picture: Gray, square_px: int) -> tuple[int, bool] | None:
    """The number and whether the flash is on; None where no strip is seen.

    Args:
        picture: its brightness, (height, width), the strip in its upper left corner.
    """
    inner = slice(square_px // 4, square_px - square_px // 4)
    strip = picture[inner, : (SQUARES + 1) * square_px].reshape(-1, SQUARES + 1, square_px)
    light = strip[:, :, inner].mean(axis=(0, 2))
    if np.any((light > 90) & (light < 165)):
        return None  # half lit: torn, or no strip
    lit = light >= 128
    if not lit[0] or lit[1] or lit[2:SQUARES].sum() % 2:
        return None
    number = int(sum(1 << bit for bit, on in enumerate(reversed(lit[2 : 2 + BITS])) if on))
    return number, bool(lit[SQUARES])


def sound_at(times_s: Samples) -> Samples:
    """The sound at these instants."""
    since = times_s % 1.0
    rest = since - FLASH_S
    beep = BEEP_LEVEL * np.sin(2 * np.pi * (BEEP_HZ + BEEP_HZ_S / 2 * since) * since)
    after = REST_LEVEL * np.sin(2 * np.pi * (REST_HZ + REST_HZ_S / 2 * rest) * rest)
    return np.where(since < FLASH_S, beep, after)


def heard_at(samples: Samples, expected_s: float, within_s: float = 0.4) -> tuple[float, float]:
    """When the first of these samples sounded, and how well it fits (1: perfectly).

    Args:
        samples: at least 20 ms at 48 kHz.
        expected_s: about when; the true time is looked for within `within_s` around it.
    """
    reach = round(within_s * SOUND_HZ)
    times_s = expected_s + np.arange(-reach, len(samples) + reach) / SOUND_HZ
    template = sound_at(times_s)
    size = 1 << (len(template) + len(samples)).bit_length()
    product = np.fft.rfft(template, size) * np.conj(np.fft.rfft(samples, size))
    found = np.fft.irfft(product, size)[: 2 * reach + 1]
    energy = np.concatenate(([0.0], np.cumsum(template * template)))
    norm = np.sqrt((energy[len(samples) :] - energy[: -len(samples)])[: 2 * reach + 1])
    fit = found / (norm * np.linalg.norm(samples) + 1e-9)
    best = int(np.argmax(fit))
    return expected_s + (best - reach) / SOUND_HZ, float(fit[best])
