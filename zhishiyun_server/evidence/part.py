"""A chunk on its way to the disk: hashed as it comes, durable under its name or not there."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys

if sys.platform != "win32":
    import fcntl

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


class Part:
    """Bytes on their way; `discard` leaves nothing behind. Thread: one at a time.

    Names are plain text here: paths as objects cost more than the calls that are made with them.
    """

    def __init__(self, folder: str, name: str) -> None:
        """Begin a file.

        Raises:
            OSError: FileNotFoundError where there is no such folder.
        """
        self.path = f"{folder}/{name}"
        self.length = 0
        self._folder = folder
        self._sha256 = hashlib.sha256()
        self._descriptor = os.open(self.path, _NEW, 0o600)
        self._is_open = True
        self._is_named = False
        self._is_given = False

    @property
    def sha256(self) -> str:
        """Digest of what was written so far, hex."""
        return self._sha256.hexdigest()

    def write(self, piece: bytes | memoryview) -> None:
        """Take the next bytes.

        Raises:
            OSError: the disk takes no more.
        """
        self._sha256.update(piece)
        taken = os.write(self._descriptor, piece)
        while taken < len(piece):  # so the system says that something is in the way
            taken += os.write(self._descriptor, memoryview(piece)[taken:])
        self.length += len(piece)

    def give(self) -> None:
        """Somebody else goes on with it, and calls `end`: `discard` does nothing any more."""
        self._is_given = True

    def settle(self, name: str) -> None:
        """Make bytes and name durable.

        Where the name is free it is given first, so that one write of the journal takes both: a
        name without a row says nothing, and after a power cut its digest tells whether it is whole.
        Where it is not, the bytes that may have been acknowledged stay until the new ones are
        durable.

        Raises:
            OSError: the disk failed.
        """
        final = f"{self._folder}/{name}"
        folder = None if sys.platform == "win32" else os.open(self._folder, os.O_RDONLY)
        try:
            if folder is not None and _rename_to_free(self.path, final, folder):
                self._is_named = True
                os.fsync(self._descriptor)
            else:
                os.fsync(self._descriptor)
                self._close()  # some systems rename no file that is open
                os.replace(self.path, final)
                self._is_named = True
            if folder is not None:
                os.fsync(folder)
        finally:
            if folder is not None:
                os.close(folder)
        self._close()

    def discard(self) -> None:
        """Forget the bytes, unless they were given away."""
        if not self._is_given:
            self.end()

    def end(self) -> None:
        """Close the file, and remove it where `settle` has not named it."""
        # What is not there is gone; what the disk keeps all the same goes at the next start.
        with contextlib.suppress(OSError):
            self._close()
            if not self._is_named:
                os.unlink(self.path)

    def _close(self) -> None:
        if self._is_open:
            self._is_open = False
            os.close(self._descriptor)


def _rename_to_free(path: str, final: str, folder: int) -> bool:
    """Give a file its name if nothing has it; False where it was taken.

    Looked and done as one: nobody else names files in this folder meanwhile, also no other
    process of ours.
    """
    if sys.platform == "win32":
        return False
    fcntl.flock(folder, fcntl.LOCK_EX)
    try:
        if os.access(final, os.F_OK):
            return False
        os.rename(path, final)
    finally:
        fcntl.flock(folder, fcntl.LOCK_UN)
    return True
