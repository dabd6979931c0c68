"""Files that are there after a power cut: written aside, fsynced, renamed, folder fsynced."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

PART = ".part"  # ends the name of a file that is not whole


def write_durably(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Put `content` at `path` as a whole or not at all."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}{PART}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError:
        aside.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable; Windows does so by itself."""
    with opened_folder(folder) as held:
        if held is not None:
            os.fsync(held)


@contextlib.contextmanager
def opened_folder(folder: Path | str) -> Iterator[int | None]:
    """A folder's descriptor, to be locked and fsynced; None on Windows, which opens none."""
    if os.name == "nt":
        yield None
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
