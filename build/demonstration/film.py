"""Makes the film of a person before a webcam: a seamless loop of JPEGs, one after another."""

from math import pi, sin
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from demonstration.portrait import Picture, cut_out

WIDTH_PX, HEIGHT_PX = 1280, 720
FILM_FPS = 15  # shown twice each at 30 fps
LENGTH_S = 10
JPEG_QUALITY = 28  # the largest that keeps the film under 3 MB
_ZOOM = 2.4
_LEFT_PX, _TOP_PX = 92.0, 6.0  # where the portrait's corner lies in the frame
_BLINKS_S = (2.2, 6.1, 8.9)
_EYES = ((201.5, 101.0), (246.5, 103.5))
_CHIN = (223.0, 160.0)

Field = NDArray[np.float32]


def room() -> Picture:
    """A quiet room, out of focus: a wall, a window with curtain, a door, a plant."""
    ramp = np.linspace(1.04, 0.90, WIDTH_PX, dtype=np.float32)[None, :, None]
    wall = np.full((HEIGHT_PX, WIDTH_PX, 3), (184, 192, 197), np.float32) * ramp
    scene = np.clip(wall, 0, 255).astype(np.uint8)
    cv2.rectangle(scene, (0, 40), (170, 470), (222, 218, 205), -1)  # window
    cv2.rectangle(scene, (0, 40), (170, 470), (168, 176, 182), 14)
    cv2.line(scene, (64, 40), (64, 470), (176, 182, 188), 10)
    for fold, x_px in enumerate(range(120, 262, 20)):  # curtain
        shade = (172, 190, 200) if fold % 2 else (160, 178, 190)
        cv2.rectangle(scene, (x_px, 22), (x_px + 20, 720), shade, -1)
    cv2.rectangle(scene, (1010, 90), (1240, 720), (140, 158, 172), -1)  # door
    cv2.rectangle(scene, (1010, 90), (1240, 720), (120, 138, 152), 12)
    cv2.rectangle(scene, (1050, 140), (1200, 360), (150, 166, 178), -1)
    cv2.circle(scene, (1034, 430), 10, (96, 110, 122), -1)
    cv2.rectangle(scene, (0, 650), (WIDTH_PX, HEIGHT_PX), (150, 160, 168), -1)  # skirting
    return np.asarray(cv2.GaussianBlur(scene, (0, 0), 7.5), np.uint8)


def frames() -> list[Picture]:
    """All distinct frames: uint8 (720, 1280, 3), BGR; the last leads back to the first."""
    person, scene = cut_out(), room().astype(np.float32)
    layer = np.dstack([person.colour.astype(np.float32), person.alpha * 255.0])
    chance = np.random.default_rng(20220218)
    made = []
    for index in range(FILM_FPS * LENGTH_S):
        time_s = index / FILM_FPS
        moved = cv2.remap(
            layer, *_where_from(time_s), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        alpha = np.clip(moved[..., 3:] / 255.0, 0, 1)
        light = 1.0 + 0.012 * _wave(time_s, 1) + 0.008 * _wave(time_s, 5, 0.7)
        picture = (moved[..., :3] * 0.97 * alpha + scene * (1 - alpha)) * light
        softened = cv2.GaussianBlur(picture, (0, 0), 1.0)  # a webcam's cheap lens
        made.append(np.clip(softened + _grain(chance), 0, 255).astype(np.uint8))
    return made


def write(target: Path) -> int:
    """Write the film to `target` and return its size in bytes."""
    settings = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY, cv2.IMWRITE_JPEG_OPTIMIZE, 1]
    jpegs = [cv2.imencode(".jpg", picture, settings)[1].tobytes() for picture in frames()]
    target.write_bytes(b"".join(jpegs))
    return sum(map(len, jpegs))


def _wave(time_s: float, turns: int, phase: float = 0.0) -> float:
    """A sine that closes after LENGTH_S: −1 … 1."""
    return sin(2 * pi * (turns * time_s / LENGTH_S + phase))


def _where_from(time_s: float) -> tuple[Field, Field]:
    """For every pixel of the frame, the place in the portrait it is taken from."""
    across, down = np.meshgrid(
        (np.arange(WIDTH_PX, dtype=np.float32) - _LEFT_PX) / _ZOOM,
        (np.arange(HEIGHT_PX, dtype=np.float32) - _TOP_PX) / _ZOOM,
    )
    body_px = 1.2 * _wave(time_s, 2)
    head_px = 2.6 * _wave(time_s, 1, 0.15) + 0.9 * _wave(time_s, 3, 0.4)
    nod_px = 1.0 * _wave(time_s, 2, 0.3) + 0.5 * _wave(time_s, 5)
    breath_px = 1.1 * _wave(time_s, 3)
    head_share = 1 / (1 + np.exp((down - 178) / 9))
    tilt = 0.012 * _wave(time_s, 1, 0.55) * head_share
    from_x = across - body_px - head_px * head_share - tilt * (down - 185)
    from_y = down - breath_px * (1 - head_share) - (nod_px + breath_px * 0.4) * head_share
    from_y += tilt * (across - 223)
    _speak(from_x, from_y, time_s)
    _blink(from_x, from_y, time_s)
    return from_x.astype(np.float32), from_y.astype(np.float32)


def _speak(across: Field, down: Field, time_s: float) -> None:
    """Move chin and lower lip a little, in two phrases of speech."""
    phrase = max(0.0, _wave(time_s, 2, 0.05))
    open_px = phrase * 1.6 * (0.5 + 0.5 * _wave(time_s, 43)) * (0.6 + 0.4 * _wave(time_s, 17))
    x, y = _CHIN
    share = np.exp(-(((across - x) / 26) ** 2) - ((down - y) / 13) ** 2)
    down -= open_px * share


def _blink(across: Field, down: Field, time_s: float) -> None:
    """Draw the lids over the eyes for three tenths of a second, thrice in the film."""
    closed = max(max(0.0, 1 - abs(time_s - at) / 0.16) for at in _BLINKS_S)
    for x, y in _EYES:
        share = closed * np.exp(-(((across - x) / 14) ** 4) - ((down - y) / 5.5) ** 4)
        lid_px = y - 9.0 + 0.10 * (down - y + 9.0)
        down += share * (lid_px - down)


def _grain(chance: np.random.Generator) -> Field:
    """Sensor noise as a webcam's own denoiser leaves it: soft, and mostly in the brightness."""
    coarse = chance.normal(0, 1.2, (HEIGHT_PX // 8, WIDTH_PX // 8, 1)).astype(np.float32)
    grain = cv2.resize(coarse, (WIDTH_PX, HEIGHT_PX), interpolation=cv2.INTER_LINEAR)
    return np.asarray(grain, np.float32)[..., None]
