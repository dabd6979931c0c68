"""Writing a small file whole or not at all, so that a power cut leaves the old or the new one."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from zhishiyun_client.runtime.refusals import PAUSES_S, patiently


def replace_durably(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Put `content` under `path`; durable when this returns.

    A file that an antivirus program holds is tried again for about a second.

    Raises:
        OSError: no room, or still held.
    """
    fresh = path.with_name(path.name + ".new")
    patiently(lambda: _write(fresh, content, mode))
    patiently(lambda: fresh.replace(path))
    sync_folder(path.parent)


def read_patiently(path: Path, pauses_s: Iterable[float] = PAUSES_S) -> bytes:
    """What a file holds, also when another program holds the file for a moment.

    Raises:
        FileNotFoundError: it is not there. OSError: it cannot be read.
    """
    return patiently(path.read_bytes, pauses_s)


def _write(fresh: Path, content: bytes, mode: int) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
    handle = os.open(fresh, flags, mode)
    try:
        left = memoryview(content)
        while left:
            left = left[os.write(handle, left) :]
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Make new and changed names durable; Windows does so by itself and opens no folders."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
