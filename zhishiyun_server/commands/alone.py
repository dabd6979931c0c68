"""Who serves from a folder: one process alone, or many of which the first is told so.

Locks that the system takes back when their holder dies.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
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
    with _opened(path) as descriptor:
        if not _locked(descriptor):
            raise Fixable(
                "HOME_IN_USE",
                f"Another server is using {path.parent}. Stop it first.",
                f"已有服务器正在使用 {path.parent}，请先停止它。",
            )
        yield


@dataclass(frozen=True, slots=True)
class Company:
    """Those who serve from one folder, as one of them sees it.

    is_first: nobody else serves, nor begins to before `welcome`
    welcome: what lay there half done is tidied up; may wait for another who came first meanwhile
    """

    is_first: bool = True
    welcome: Callable[[], None] = lambda: None


@contextlib.contextmanager
def in_company(path: Path) -> Iterator[Company]:
    """Share the lock at `path` with others meanwhile, once the first of them has tidied up."""
    if sys.platform == "win32":
        with alone(path):  # such a lock cannot be shared there
            yield Company()
        return
    with _opened(path) as descriptor:
        company = Company(_locked(descriptor), lambda: fcntl.flock(descriptor, fcntl.LOCK_SH))
        if not company.is_first:
            company.welcome()
        yield company


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    """Whether nobody else has it; then it is ours alone."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
