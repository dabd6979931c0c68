"""Files that another program holds, for child processes, by the library of held_preload.c."""

from __future__ import annotations

import subprocess
from enum import StrEnum
from pathlib import Path

SOURCE = Path(__file__).with_name("held_preload.c")


class Held(StrEnum):
    """What is refused from the next call on."""

    NOTHING = "-"
    WRITE = "write"
    OPEN = "open"
    RENAME = "rename"
    HANG = "hang"
    SLOW = "slow"
    STUCK = "stuck"


def compile_library(folder: Path) -> Path:
    """Compile the library; raises CalledProcessError with the compiler's words on stderr."""
    library = folder / "libheld.so"
    strict = ["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
    subprocess.run(["gcc", *strict, "-o", str(library), str(SOURCE), "-ldl"], check=True)
    return library


class HeldFiles:
    """Hand `environment` to the program under test, then say what another program holds.

    Args:
        library: from `compile_library`.
        below: the folder whose files can be held.
        folder: for the control file.
        names: only files whose name holds this.
    """

    def __init__(self, library: Path, below: Path, folder: Path, names: str = "") -> None:
        self._control = folder / "held.ctl"
        self.environment = {
            "LD_PRELOAD": str(library),
            "HELD_BELOW": str(below),
            "HELD_CTL": str(self._control),
            **({"HELD_NAMES": names} if names else {}),
        }
        self.hold(Held.NOTHING)

    def hold(self, *what: Held) -> None:
        """Refuse these from now on, also to programs that have files open."""
        beside = self._control.with_suffix(".new")
        beside.write_text(" ".join(what), "ascii")
        beside.replace(self._control)
