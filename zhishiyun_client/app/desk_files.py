"""Files of the desk: reports that the candidate saves, drives to export to, sealed papers."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import platformdirs
import psutil

from zhishiyun_client.ports.desk import ExportTarget
from zhishiyun_client.runtime.paths import private_folder
from zhishiyun_protocol.errors import Fixable

REMOVABLE_ROOTS = ("/media/", "/run/media/", "/mnt/", "/Volumes/")
EXTRA_TARGET_VARIABLE = "ZHISHIYUN_EXPORT_TO"
"""One more folder that counts as a drive, for machines whose drives are mounted elsewhere."""


class DeskFiles:
    """Implements `ports.desk.Files`. Thread: a worker."""

    def __init__(self, home: Path) -> None:
        self._sealed = private_folder(home / "sealed")

    def export_targets(self) -> tuple[ExportTarget, ...]:
        """Removable drives that can be written to."""
        places = [Path(p.mountpoint) for p in psutil.disk_partitions() if _is_removable(p)]
        chosen = os.environ.get(EXTRA_TARGET_VARIABLE)
        if chosen:
            places.append(Path(chosen))
        return tuple(
            ExportTarget(str(place), place.name or str(place), place)
            for place in places
            if os.access(place, os.W_OK)
        )

    def keep_sealed(self, name: str, content: bytes) -> None:
        """Keep an envelope, whole or not at all."""
        with tempfile.NamedTemporaryFile(dir=self._sealed, delete=False) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(self._sealed / name)

    def sealed(self, name: str) -> bytes | None:
        """The envelope, if it is here."""
        path = self._sealed / name
        return path.read_bytes() if path.is_file() else None

    def save_report(self, name: str, content: str) -> Path:
        """Write a report to the candidate's documents.

        Raises:
            Fixable: FILE_NOT_SAVED.
        """
        folder = Path(platformdirs.user_documents_dir())
        path = folder / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        except OSError as error:
            raise Fixable(
                "FILE_NOT_SAVED",
                f"{name} could not be saved: {error.strerror}. Free some space and try again.",
                f"{name} 无法保存：{error.strerror}。请清理磁盘空间后重试。",
            ) from error
        return path


def _is_removable(partition: psutil._common.sdiskpart) -> bool:
    if sys.platform == "win32":
        return "removable" in partition.opts
    return str(partition.mountpoint).startswith(REMOVABLE_ROOTS)
