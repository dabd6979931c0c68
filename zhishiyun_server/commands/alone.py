"""One process a folder: a lock that the system takes back when its holder dies."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from zhishiyun_protocol.errors import Fixable

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold the lock at `path` meanwhile.

    Raises:
        Fixable: HOME_IN_USE.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            if sys.platform == "win32":
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            else:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Fixable(
                "HOME_IN_USE",
                f"Another server is using {path.parent}. Stop it first.",
                f"已有服务器正在使用 {path.parent}，请先停止它。",
            ) from error
        yield
    finally:
        os.close(descriptor)
