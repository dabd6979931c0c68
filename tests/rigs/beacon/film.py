"""The demonstration film with the time in its corner: thirty numbered pictures a second."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from tests.rigs.beacon.marks import FLASH_S, paint

FPS = 30
PICTURES = 300  # ten seconds: a number tells the time together with a rough idea of it
SQUARE_PX = 32
QUALITY = 80


def write_film(source: Path, target: Path) -> None:
    """Write `PICTURES` JPEGs, one behind the other.

    Args:
        source: concatenated JPEGs at 15 a second; each is shown twice.
    """
    data = source.read_bytes()
    shown = [part for part in data.split(b"\xff\xd8\xff")[1:] if part]
    with target.open("wb") as out:
        for number in range(PICTURES):
            jpeg = b"\xff\xd8\xff" + shown[number // 2 % len(shown)]
            picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
            paint(picture, number, SQUARE_PX, flash=number % FPS < FLASH_S * FPS)
            _, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
            out.write(encoded.tobytes())
