"""Which cameras there are, by name, and how each is opened (R110, F15)."""

from __future__ import annotations

import os
import re
import sys

import cv2

from zhishiyun_client.capture import camera_listing
from zhishiyun_client.capture.naming import Named, found_again, kind_of, named
from zhishiyun_client.ports.devices import DEMO_CAMERA_VARIABLE, Device

_FILM = "http://127.0.0.1:"
_KIND = "camera"
_NUMBERED = re.compile(r"camera:\d{1,3}")  # for settings and tests: this number, whatever it is
FILM_NAME = "演示影片 · Demonstration film"


def list_cameras() -> tuple[Device, ...]:
    """Every camera, without opening one; demonstration films last."""
    found = tuple(_device(camera) for camera in _named())
    film = os.environ.get(DEMO_CAMERA_VARIABLE, "")
    films = (Device(id=film, name=FILM_NAME, demonstration=True),) if is_film(film) else ()
    return found + films


def find_camera(camera_id: str) -> Device | None:
    """The camera of this id, or of its name when it hangs elsewhere now.

    "" is the demonstration film where one plays, else the first.
    """
    if is_film(camera_id):
        return Device(id=camera_id, name=FILM_NAME, demonstration=True)
    if not camera_id:
        cameras = list_cameras()
        films = [camera for camera in cameras if camera.demonstration]
        return (films or list(cameras) or [None])[0]  # type: ignore[list-item]
    if _NUMBERED.fullmatch(camera_id):
        return Device(id=camera_id, name=_name_of(camera_id))  # opening it tells more
    camera = found_again(camera_id, _named())
    return _device(camera) if camera else None


def is_listed(camera_id: str) -> bool:
    """Whether the system still knows this camera."""
    if is_film(camera_id):
        return True
    number = camera_number(camera_id)
    return any(camera.seen.number == number for camera in _named())


def is_film(camera_id: str) -> bool:
    """Whether an id is the address of a film on this machine."""
    return camera_id.startswith(_FILM)


def backend() -> int:
    """OpenCV's way to cameras on this system."""
    ways = {"linux": cv2.CAP_V4L2, "win32": cv2.CAP_DSHOW, "darwin": cv2.CAP_AVFOUNDATION}
    return int(ways.get(sys.platform, cv2.CAP_ANY))


def camera_number(camera_id: str) -> int | None:
    """The number by which OpenCV knows a camera now; None when it is not there."""
    if _NUMBERED.fullmatch(camera_id):
        return int(camera_id.rpartition(":")[2])
    return next((camera.seen.number for camera in _named() if camera.id == camera_id), None)


def _device(camera: Named) -> Device:
    return Device(id=camera.id, name=camera.name, kind=kind_of(camera.seen.name))


def _name_of(camera_id: str) -> str:
    number = camera_number(camera_id)
    names = (camera.name for camera in _named() if camera.seen.number == number)
    return next(names, camera_id)


def _named() -> tuple[Named, ...]:
    return named(_KIND, camera_listing.look())
