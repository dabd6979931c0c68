"""A demonstration camera: a film that `cv2.VideoCapture` opens by its address and reads live."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from types import TracebackType

from zhishiyun_client.ports.devices import DEMO_CAMERA_VARIABLE
from zhishiyun_protocol.errors import Fixable, Transient

from .film_server import PATH
from .parts import FILM_SERVER, part_command

UP_WITHIN_S = 10.0
FILM_FPS = 15  # of resources/rehearsal/film.mjpg; every frame is shown twice

CAPTURE_OPTIONS = "probesize;131072|analyzeduration;0|fflags;nobuffer"
"""Lets FFmpeg under OpenCV begin with the first frames instead of studying five seconds of them."""


class DemonstrationCamera:
    """The film server as a process of its own, from `with` to the end of the block.

    It depends on no window and no recorder: both may die and come back, and any number of
    readers may watch at once. It ends when this process does, however that happens.

    Raises on entering: Fixable: the film is missing. Transient: the server did not come up.
    """

    def __init__(self, film: Path, film_fps: int = FILM_FPS) -> None:
        self._film = film.resolve()
        self._film_fps = film_fps
        self._process: subprocess.Popen[bytes] | None = None
        self._leash: socket.socket | None = None
        self.address = ""

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs to know of this camera, and for OpenCV to open it at once."""
        return {
            DEMO_CAMERA_VARIABLE: self.address,
            "OPENCV_FFMPEG_CAPTURE_OPTIONS": CAPTURE_OPTIONS,
        }

    @property
    def is_up(self) -> bool:
        """Whether the server is still running."""
        return self._process is not None and self._process.poll() is None

    @property
    def process_id(self) -> int:
        """The server's process; 0 when there is none."""
        return self._process.pid if self._process is not None else 0

    def __enter__(self) -> DemonstrationCamera:
        if not self._film.is_file():
            raise Fixable(
                "REHEARSAL_FILM_MISSING",
                f"the demonstration film {self._film.name} is missing; install again",
                f"缺少演示影片 {self._film.name}，请重新安装",
            )
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End the server, as if the camera were unplugged; may be called twice."""
        if self._leash is not None:
            self._leash.close()
            self._leash = None
        if self._process is not None:
            process, self._process = self._process, None
            process.terminate()
            process.wait()

    def _start(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as waiting:
            waiting.settimeout(UP_WITHIN_S)
            leash_port = waiting.getsockname()[1]
            self._process = subprocess.Popen(
                part_command(FILM_SERVER, str(self._film), str(leash_port), str(self._film_fps)),
                stdin=subprocess.DEVNULL,
                env=_own_environment(),
                cwd=_import_root(),
                start_new_session=True,  # Ctrl-C is for us; the leash ends the server
            )
            try:
                self._leash, _address = waiting.accept()
                self._leash.settimeout(UP_WITHIN_S)
                port = int(self._leash.makefile("rb").readline())
            except (OSError, ValueError) as error:
                raise Transient(
                    "REHEARSAL_STAND_IN_SILENT",
                    "the demonstration camera did not come up",
                    "演示摄像头没有启动成功，请重试",
                ) from error
        self.address = f"http://127.0.0.1:{port}{PATH}"


def _own_environment() -> dict[str, str]:
    """Everything but what would slow or redirect a program that only serves a file."""
    return {key: value for key, value in os.environ.items() if key != "LD_PRELOAD"}


def _import_root() -> Path | None:
    """Where `-m` finds the package when it is not installed; nothing when frozen."""
    if getattr(sys, "frozen", False):
        return None
    return Path(__file__).resolve().parents[2]
