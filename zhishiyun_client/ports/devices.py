"""Cameras and microphones as people know them: a name to read and an id that finds them again."""

from __future__ import annotations

import enum

import msgspec


class DeviceKind(enum.StrEnum):
    """What a device is, as far as its name tells."""

    ORDINARY = "ordinary"
    VIRTUAL = "virtual"  # a program that poses as a device
    INFRARED = "infrared"  # a sensor for logging in: grey, often dark
    LOOPBACK = "loopback"  # records what the computer plays


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """One camera or microphone of this machine.

    id:            what `Choose` takes; stable while the device stays where it is
    demonstration: a stand-in (a film, a virtual source): such an attempt is not formal
    kind:          all but ordinary ones are never chosen unless asked for
    """

    id: str
    name: str
    demonstration: bool = False
    kind: DeviceKind = DeviceKind.ORDINARY


class TrackState(enum.StrEnum):
    """How one track stands."""

    OFF = "off"  # nobody asked for it yet
    STARTING = "starting"  # the device is being opened
    OK = "ok"
    LOST = "lost"  # it was there and is gone; the recorder keeps trying
    ABSENT = "absent"  # there has been no device from the start


class Picture(enum.StrEnum):
    """What is wrong with the camera's picture, if anything."""

    GOOD = "good"
    DARK = "dark"
    BLACK = "black"
    COVERED = "covered"  # one even colour: something lies on the lens
    FROZEN = "frozen"
    NONE = "none"  # there is no picture


class Sound(msgspec.Struct, frozen=True, kw_only=True):
    """The microphone in the last half second.

    level_share: loudness 0…1 on a scale made for a bar (−60 dBFS … 0 dBFS)
    peak_share:  largest sample, 0…1 of full scale
    clipped:     waves are cut off at the limit, and not for a moment only
    silent:      digital silence that lasts: muted, or nothing is connected
    faint:       since the device was opened nothing has been louder than hiss
    """

    level_share: float = 0.0
    peak_share: float = 0.0
    clipped: bool = False
    silent: bool = False
    faint: bool = False


DEMO_CAMERA_VARIABLE = "ZHISHIYUN_DEMO_CAMERA"
"""Environment: address of a demonstration film; such a recording says so in its STREAM records."""
DEMO_MICROPHONE_VARIABLE = "ZHISHIYUN_DEMO_MICROPHONE"
"""Environment: PortAudio's name of a demonstration microphone."""
DEMO_SCREEN_VARIABLE = "ZHISHIYUN_DEMO_SCREEN"
"""Environment: set when the screen is a virtual one."""
