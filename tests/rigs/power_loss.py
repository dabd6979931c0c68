"""Power cuts: a folder of which, after the cut, only what was fsynced is there (power_loss.c)."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("power_loss.c")


def compile_library(folder: Path) -> Path:
    """Compile the library; raises CalledProcessError with the compiler's words on stderr."""
    library = folder / "libpowerloss.so"
    strict = ["-O2", "-Wall", "-Wextra", "-Werror", "-Wno-format-truncation", "-shared", "-fPIC"]
    subprocess.run(["gcc", *strict, "-o", str(library), str(SOURCE), "-ldl"], check=True)
    return library


class ForgetfulDisk:
    """What lies in `root` now counts as durable; hand `environment` to the processes under test."""

    def __init__(self, library: Path, root: Path, disk: Path) -> None:
        self._root = root.resolve()
        self._disk = disk
        (disk / "content").mkdir(parents=True)
        shutil.copytree(self._root, disk / "tree")
        for path in self._root.rglob("*"):
            if path.is_file():
                shutil.copy(path, disk / "content" / _inode(path))
        self.environment = {
            "LD_PRELOAD": str(library),
            "POWER_ROOT": str(self._root),
            "POWER_DISK": str(disk.resolve()),
        }

    def cut(self) -> None:
        """The power was cut (kill the processes before): the folder is what the disk still has."""
        shutil.rmtree(self._root)
        shutil.copytree(self._disk / "tree", self._root, ignore=shutil.ignore_patterns("*.part"))


def _inode(path: Path) -> str:
    """The name under which power_loss.c keeps this file's content."""
    told = subprocess.run(
        ["stat", "--format", "%i %.9W", str(path)], check=True, capture_output=True, text=True
    ).stdout.split()
    seconds, _, nanoseconds = told[1].partition(".")
    return f"{told[0]}-{seconds if seconds != '-' else 0}-{int(nanoseconds or 0)}"
