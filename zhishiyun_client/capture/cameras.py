"""Which cameras there are, by name, and how each is opened (R110, F15)."""

from __future__ import annotations

import logging
import os
import re
import sys
from pathlib import Path

import av
import cv2

from zhishiyun_client.ports.devices import DEMO_CAMERA_VARIABLE, Device

LOG = logging.getLogger(__name__)
_DEV = Path("/dev")
_NAMES = Path("/sys/class/video4linux")
_LISTED_BY = {"win32": "dshow", "darwin": "avfoundation"}
_FILM = "http://127.0.0.1:"
_NUMBERED = re.compile(r"camera:\d{1,3}")
FILM_NAME = "演示影片 · Demonstration film"


def list_cameras() -> tuple[Device, ...]:
    """Every camera, without opening one; demonstration films last."""
    found = _on_linux() if sys.platform == "linux" else _by_listing(_LISTED_BY.get(sys.platform))
    film = os.environ.get(DEMO_CAMERA_VARIABLE, "")
    films = (Device(id=film, name=FILM_NAME, demonstration=True),) if is_film(film) else ()
    return found + films


def find_camera(camera_id: str) -> Device | None:
    """The camera of this id; "" is the demonstration film where one plays, else the first."""
    cameras = list_cameras()
    if not camera_id:
        films = [camera for camera in cameras if camera.demonstration]
        return (films or list(cameras) or [None])[0]  # type: ignore[list-item]
    if is_film(camera_id):
        return Device(id=camera_id, name=FILM_NAME, demonstration=True)
    listed = next((camera for camera in cameras if camera.id == camera_id), None)
    if listed is None and _NUMBERED.fullmatch(camera_id):
        return Device(id=camera_id, name=camera_id)  # unplugged: opening it tells when it is back
    return listed


def is_listed(camera_id: str) -> bool:
    """Whether the system still knows this camera."""
    return is_film(camera_id) or any(camera.id == camera_id for camera in list_cameras())


def is_film(camera_id: str) -> bool:
    """Whether an id is the address of a film on this machine."""
    return camera_id.startswith(_FILM)


def backend() -> int:
    """OpenCV's way to cameras on this system."""
    ways = {"linux": cv2.CAP_V4L2, "win32": cv2.CAP_DSHOW, "darwin": cv2.CAP_AVFOUNDATION}
    return int(ways.get(sys.platform, cv2.CAP_ANY))


def camera_index(camera_id: str) -> int:
    """The number by which OpenCV knows a camera."""
    return int(camera_id.rpartition(":")[2])


def holder_of(camera_id: str) -> str:
    """The program that has a camera open, where the system tells (Linux); else ""."""
    if sys.platform != "linux" or is_film(camera_id):
        return ""
    node = f"/dev/video{camera_index(camera_id)}"
    for process in Path("/proc").glob("[0-9]*"):
        if int(process.name) != os.getpid() and _has_open(process, node):
            return _read(process / "comm")
    return ""


def _has_open(process: Path, node: str) -> bool:
    try:
        return any(entry.readlink() == Path(node) for entry in (process / "fd").iterdir())
    except OSError:  # it ended, or belongs to somebody else
        return False


def _on_linux() -> tuple[Device, ...]:
    """Nodes with pictures: uvcvideo gives each camera a second node for metadata, index 1."""
    numbers = sorted(
        int(node.name.removeprefix("video"))
        for node in _DEV.glob("video*")
        if node.name.removeprefix("video").isdigit()
    )
    return tuple(
        Device(
            id=f"camera:{number}",
            name=_read(_NAMES / f"video{number}" / "name") or f"/dev/video{number}",
        )
        for number in numbers
        if _read(_NAMES / f"video{number}" / "index") in ("", "0")
    )


def _by_listing(way: str | None) -> tuple[Device, ...]:
    """FFmpeg's list has the order of OpenCV's numbers."""
    if way is None:
        return ()
    try:
        listed = av.enumerate_input_devices(way)
    except (av.error.FFmpegError, ValueError) as error:
        LOG.warning("cameras cannot be listed: %s", error)
        return ()
    pictures = [device for device in listed if "audio" not in str(device.media_types).lower()]
    return tuple(
        Device(id=f"camera:{index}", name=device.description or device.name)
        for index, device in enumerate(pictures)
    )


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""
