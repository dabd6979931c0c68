"""Writing a small file whole or not at all, so that a power cut leaves the old or the new one."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from zhishiyun_client.runtime.refusals import PAUSES_S, patiently

PIECE_BYTES = 1024 * 1024


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


def is_same_file(handle: int, path: Path) -> bool:
    """Whether an open file is still the one under its name."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def copy_between(source: int, target: int, first: int, end: int) -> int:
    """Append bytes [first, end) of one open file to another; `end`. Not on Windows. Raises OSError.

    Reads where it is told, whoever moves the file's own place meanwhile.
    """
    if sys.platform == "win32":
        raise OSError(errno.ENOSYS, "Windows reads at no place of its own")
    at = first
    while at < end:
        piece = memoryview(os.pread(source, min(PIECE_BYTES, end - at), at))
        if not piece:
            raise OSError(errno.EIO, "the file is shorter than what was written to it")
        at += len(piece)
        while piece:
            piece = piece[os.write(target, piece) :]
    return end


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
