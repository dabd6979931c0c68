"""Looks what the machine really has, without opening a camera or recording anything."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .camera_listing import list_cameras
from .found import Found
from .parts import DISPLAY_LOOK, SOUND_INPUTS, part_command
from .reasons import Reason
from .sound_inputs import NO_PORTAUDIO

ANSWER_WITHIN_S = 15.0


@dataclass(frozen=True, slots=True)
class Inventory:
    """What this machine has to film and to hear with."""

    screen: Found
    camera: Found
    microphone: Found


def look(environment: Mapping[str, str] | None = None) -> Inventory:
    """Look at screen, camera and microphone; takes about half a second, opens no camera.

    Args:
        environment: of the programs that ask the display and PortAudio; this process's own if None.
    """
    surroundings = dict(os.environ if environment is None else environment)
    named = _display_named(surroundings)
    display = _ask(DISPLAY_LOOK, surroundings) if named is None else None
    inputs = _ask(SOUND_INPUTS, surroundings)
    return Inventory(
        screen=named or _screen(display),
        camera=list_cameras(),
        microphone=_microphone(inputs),
    )


def _display_named(surroundings: Mapping[str, str]) -> Found | None:
    """Linux without a named X display needs no asking."""
    if sys.platform != "linux" or surroundings.get("DISPLAY"):
        return None
    wayland = bool(surroundings.get("WAYLAND_DISPLAY"))
    return Found(False, Reason.DISPLAY_NOT_FILMED if wayland else Reason.NO_DISPLAY_NAMED)


def _screen(asked: subprocess.Popen[bytes] | None) -> Found:
    sizes = _answer(asked) if asked is not None else 0
    if isinstance(sizes, tuple) and sizes:
        return Found(True, Reason.SCREEN_FOUND, sizes)
    return Found(False, Reason.DISPLAY_SILENT)


def _microphone(asked: subprocess.Popen[bytes]) -> Found:
    names = _answer(asked)
    if isinstance(names, int):
        return Found(False, Reason.NO_PORTAUDIO if names == NO_PORTAUDIO else Reason.SOUND_SILENT)
    return Found(bool(names), Reason.MICROPHONE_FOUND if names else Reason.NO_MICROPHONE, names)


def _ask(part: str, surroundings: Mapping[str, str]) -> subprocess.Popen[bytes]:
    frozen = getattr(sys, "frozen", False)
    return subprocess.Popen(
        part_command(part),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=surroundings,
        cwd=None if frozen else Path(__file__).resolve().parents[2],
    )


def _answer(asked: subprocess.Popen[bytes]) -> tuple[str, ...] | int:
    """The names a program printed, or its exit code when it has none to tell."""
    try:
        said, _nothing = asked.communicate(timeout=ANSWER_WITHIN_S)
    except subprocess.TimeoutExpired:
        asked.kill()
        asked.communicate()
        return -1
    if asked.returncode != 0:
        return asked.returncode
    return tuple(json.loads(said.splitlines()[-1]))
