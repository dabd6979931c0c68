"""【导出到U盘】: the same log and its seal as one file, read back from the medium.

The format is `zhishiyun_protocol/bundle.py`, in words docs/upload.md.
"""

from __future__ import annotations

import errno
import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from zhishiyun_client.runtime.durable import sync_folder
from zhishiyun_protocol import bundle as layout
from zhishiyun_protocol.bundle import DIGEST_BYTES, BundleLabel, encode_head
from zhishiyun_protocol.errors import Fixable, Refused
from zhishiyun_protocol.messages.evidence import Seal

SUFFIX = layout.SUFFIX
_PIECE_BYTES = 1024 * 1024

Watch = Callable[[int, int], None]
"""Told (bytes done, bytes in all) after every piece."""


def write(log: Path, seal: Seal, target: Path, watch: Watch | None = None) -> str:
    """Write the bundle, read it back from the medium, and return its SHA-256 as hex.

    The file appears under its name only when it is whole.

    Raises:
        Fixable: EXPORT_NO_SPACE, EXPORT_FAILED (medium), EXPORT_NOT_THE_SAME (read back).
        Refused: LOG_SHORT: the log on this disk is shorter than its seal says.
    """
    head = encode_head(BundleLabel(attempt_id=log.stem, seal=seal))
    total = 2 * (len(head) + seal.length + DIGEST_BYTES)
    fresh = target.with_name(target.name + ".part")
    try:
        with log.open("rb") as source, fresh.open("wb") as out:
            digest = _copy(source, out, head, seal.length, _counting(watch, total))
            out.flush()
            os.fsync(out.fileno())
        _drop_from_memory(fresh)
        if _digest_of_file(fresh, _counting(watch, total, total // 2)) != digest:
            raise _not_the_same()
        fresh.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise _failed(error) from error
    except (Fixable, Refused):
        fresh.unlink(missing_ok=True)
        raise
    return digest


def _copy(
    source: BinaryIO, out: BinaryIO, head: bytes, length: int, count: Callable[[int], None]
) -> str:
    digest = hashlib.sha256()
    digest.update(head)
    out.write(head)
    left = length
    while left:
        piece = source.read(min(_PIECE_BYTES, left))
        if not piece:
            raise _short()
        digest.update(piece)
        out.write(piece)
        left -= len(piece)
        count(len(piece))
    out.write(digest.digest())
    return digest.hexdigest()


def _digest_of_file(path: Path, count: Callable[[int], None]) -> str:
    """The digest of all but the last 32 bytes; "" when these say something else."""
    digest = hashlib.sha256()
    left = path.stat().st_size - DIGEST_BYTES
    with path.open("rb") as file:
        while left > 0 and (piece := file.read(min(_PIECE_BYTES, left))):
            digest.update(piece)
            left -= len(piece)
            count(len(piece))
        return digest.hexdigest() if file.read() == digest.digest() else ""


def _drop_from_memory(path: Path) -> None:
    """Let the reading back come from the medium, where the system can be asked for that."""
    if sys.platform == "linux":
        handle = os.open(path, os.O_RDONLY)
        try:
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(handle)


def _counting(watch: Watch | None, total: int, done: int = 0) -> Callable[[int], None]:
    state = [done]

    def count(some: int) -> None:
        state[0] += some
        if watch is not None:
            watch(min(state[0], total), total)

    return count


def _failed(error: OSError) -> Fixable:
    if error.errno == errno.ENOSPC:
        return Fixable(
            "EXPORT_NO_SPACE",
            "The medium is full. Use one with more space and export again.",
            "U盘空间不足，请更换容量更大的U盘后重新导出。",
        )
    return Fixable(
        "EXPORT_FAILED",
        "The medium cannot be written. Check that it is plugged in and not write-protected.",
        "U盘无法写入，请确认已插好且未写保护后重新导出。",
        errno=error.errno,
    )


def _not_the_same() -> Fixable:
    return Fixable(
        "EXPORT_NOT_THE_SAME",
        "What was read back from the medium differs from the recording. Use another medium.",
        "从U盘读回的内容与录像不一致，U盘可能已损坏，请更换U盘后重新导出。",
    )


def _short() -> Refused:
    return Refused(
        "LOG_SHORT",
        "The recording on this disk is shorter than its seal says.",
        "本机录制文件比封存记录短，无法导出，请联系技术服务人员。",
    )
