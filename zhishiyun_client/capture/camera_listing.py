"""How each system lists cameras, in the order of OpenCV's numbers; none is opened. Pure but `look`.

Windows: FFmpeg's "dshow" walks the same class (CLSID_VideoInputDeviceCategory) in the same order as
OpenCV's, so the place in its list is OpenCV's number, also for cameras that are busy.
macOS: OpenCV numbers cameras by their sorted unique ids; the system's own report names both.
Linux: the number of the node is the number.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import av

from zhishiyun_client.capture.naming import Seen, tidy

LOG = logging.getLogger(__name__)
DEV = Path("/dev")
NODES = Path("/sys/class/video4linux")
ANSWER_WITHIN_S = 5.0
AUDIO_CLASS = "33D9A762-90C8-11D0-BD43-00A0C911CE86"  # CLSID_AudioInputDeviceCategory


def look(system: str = sys.platform) -> tuple[Seen, ...]:
    """The cameras of this machine now."""
    if system == "linux":
        return cameras_of_linux(DEV, NODES)
    try:
        if system == "darwin":
            return cameras_of_report(_report())
        listed = av.enumerate_input_devices("dshow")
    except (av.error.FFmpegError, ValueError, OSError, subprocess.SubprocessError) as error:
        LOG.warning("cameras cannot be listed: %s", error)
        return ()
    return cameras_of_dshow((device.name, device.description) for device in listed)


def cameras_of_linux(dev: Path, nodes: Path) -> tuple[Seen, ...]:
    """Nodes with pictures: uvcvideo gives each camera a second node for metadata, index 1."""
    numbers = sorted(
        int(node.name.removeprefix("video"))
        for node in dev.glob("video*")
        if node.name.removeprefix("video").isdigit()
    )
    return tuple(
        Seen(number, tidy(_read(node / "name")) or f"/dev/video{number}", _port(node))
        for number in numbers
        if _read((node := nodes / f"video{number}") / "index") in ("", "0")
    )


def cameras_of_dshow(listed: Iterable[tuple[str, str]]) -> tuple[Seen, ...]:
    """FFmpeg's list of (unique name, friendly name): cameras first, then microphones.

    A camera with a microphone of its own stands in the cameras' class once: dropping it by its
    media types would shift the numbers of those behind it.
    """
    cameras = [(unique, name) for unique, name in listed if AUDIO_CLASS not in unique.upper()]
    return tuple(
        Seen(number, (name or unique).strip(), unique)
        for number, (unique, name) in enumerate(cameras)
    )


def cameras_of_report(report: Mapping[str, Any]) -> tuple[Seen, ...]:
    """`system_profiler -json SPCameraDataType`, sorted as OpenCV sorts."""
    cameras = sorted(
        (str(entry.get("spcamera_unique-id", "")), str(entry.get("_name", "camera")))
        for entry in report.get("SPCameraDataType", ())
    )
    return tuple(Seen(number, name, unique) for number, (unique, name) in enumerate(cameras))


def _report() -> Mapping[str, Any]:
    answer = subprocess.run(
        ["system_profiler", "-json", "SPCameraDataType"],
        capture_output=True,
        timeout=ANSWER_WITHIN_S,
        check=True,
    )
    report: Mapping[str, Any] = json.loads(answer.stdout)
    return report


def _port(node: Path) -> str:
    """Where on the bus a camera hangs: the same after a reboot, whatever its number."""
    try:
        return str((node / "device").resolve(strict=True))
    except OSError:
        return ""


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""
