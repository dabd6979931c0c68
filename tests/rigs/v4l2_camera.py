"""A camera at /dev/video0 for child processes, by the preloaded library of vcam_preload.c."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

SOURCE = Path(__file__).with_name("vcam_preload.c")


class State(StrEnum):
    """What the camera does from the next call on."""

    OK = "ok"
    BUSY = "busy"
    """Another program has it: it cannot be opened."""
    GONE = "gone"
    """Unplugged."""
    FREEZE = "freeze"
    """The same picture again and again."""
    STALL = "stall"
    """No picture comes."""


def compile_library(folder: Path) -> Path:
    """Compile the library; raises CalledProcessError with the compiler's words on stderr."""
    library = folder / "libvcam.so"
    strict = ["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
    subprocess.run(["gcc", *strict, "-o", str(library), str(SOURCE), "-ldl"], check=True)
    return library


class V4l2Camera:
    """One camera: hand `environment` to the program under test, then tell the camera what to do.

    Args:
        library: from `compile_library`.
        film: concatenated JPEGs.
        folder: for the control file, the lock and the log.
        fps: pictures a second; each JPEG is shown `repeat` times.
        modes: what it can do (VCAM_MODES of vcam_preload.c), the first by itself.
        films: concatenated JPEGs for modes of another size, by "640x480".
        is_listed: whether /dev shows it while it is not gone.
        follows_clock: pictures tell CLOCK_MONOTONIC (see vcam_preload.c).
    """

    def __init__(
        self,
        library: Path,
        film: Path,
        folder: Path,
        *,
        fps: int = 30,
        repeat: int = 2,
        follows_clock: bool = False,
        modes: str = "",
        films: Mapping[str, Path] | None = None,
        is_listed: bool = False,
    ) -> None:
        self._control = folder / "camera.ctl"
        self.log = folder / "camera.log"
        self.environment = {
            "LD_PRELOAD": str(library),
            "VCAM_SRC": str(film),
            **({"VCAM_MODES": modes} if modes else {"VCAM_FPS": str(fps)}),
            **{f"VCAM_SRC_{size}": str(path) for size, path in (films or {}).items()},
            "VCAM_REPEAT": str(repeat),
            "VCAM_CTL": str(self._control),
            "VCAM_LOCK": str(folder / "camera.lock"),
            "VCAM_LOG": str(self.log),
            **({"VCAM_CLOCK": "1"} if follows_clock else {}),
            **({"VCAM_LISTED": "1"} if is_listed else {}),
        }
        self.be(State.OK)

    def be(self, state: State) -> None:
        """Change what the camera does, also under programs that have it open."""
        beside = self._control.with_suffix(".new")
        beside.write_text(state, "ascii")
        beside.replace(self._control)
