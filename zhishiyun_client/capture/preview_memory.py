"""The camera's newest picture in shared memory: recorder writes, desk looks (never on disk).

    64 bytes: u64 newest sequence ‖ two slots of (u64 begun, u64 whole, u32 width, u32 height)
    two pictures of at most 640 x 360 pixels, BGR

A slot is whole when both its numbers are the sequence that was asked for; they are written before
and after the pixels (a seqlock), so the reader takes no lock and sees no half picture.
"""

from __future__ import annotations

import mmap
import os
import secrets
import struct
import sys
from collections.abc import Callable

from zhishiyun_client.ports.preview import PreviewFrame

if sys.platform != "win32":
    # The standard SharedMemory class starts a watcher process that destroys the memory when the
    # reader ends (bpo-38119); these are the calls under it.
    import _posixshmem

WIDTH_PX, HEIGHT_PX = 640, 360
_PICTURE_BYTES = WIDTH_PX * HEIGHT_PX * 3
_NEWEST = struct.Struct("<Q")
_SLOT = struct.Struct("<QQII")
_SLOT_AT = (16, 40)
_HEADER_BYTES = 64
_TOTAL_BYTES = _HEADER_BYTES + 2 * _PICTURE_BYTES


class PreviewMemory:
    """The recorder's side. Thread: the camera's worker."""

    def __init__(self) -> None:
        self.name = f"/zsy-{secrets.token_hex(8)}"
        self._memory = _map(self.name, make=True)
        self._sequence = 0

    def put(self, bgr: memoryview, width_px: int, height_px: int) -> None:
        """Show a picture: uint8 (height, width, 3) BGR without padding, at most 640 x 360."""

        def copy(slot: memoryview) -> None:
            slot[:] = bgr

        self.make(width_px, height_px, copy)

    def make(self, width_px: int, height_px: int, write: Callable[[memoryview], object]) -> None:
        """Show a picture that is written where it is shown: as for `put`, no copy of it lies about.

        Args:
            write: fills the bytes, and keeps no hold of them.
        """
        number = self._sequence + 1
        slot = number % 2
        at = _SLOT_AT[slot]
        begin = _HEADER_BYTES + slot * _PICTURE_BYTES
        size = width_px * height_px * 3
        _SLOT.pack_into(self._memory, at, number, 0, width_px, height_px)
        write(memoryview(self._memory)[begin : begin + size])
        _SLOT.pack_into(self._memory, at, number, number, width_px, height_px)
        _NEWEST.pack_into(self._memory, 0, number)
        self._sequence = number

    def reader(self) -> PreviewReader:
        """A reader in the writer's own process: it maps nothing anew. Thread: any one."""
        return PreviewReader(self._memory)

    def clear(self) -> None:
        """There is no picture any more."""
        _NEWEST.pack_into(self._memory, 0, 0)

    def close(self) -> None:
        """Destroy it; a reader that still has it open keeps its last picture."""
        self._memory.close()
        destroy(self.name)


class PreviewReader:
    """The desk's side: the port `PreviewFeed`. Thread: ui."""

    def __init__(self, memory: mmap.mmap | None = None) -> None:
        self._name = ""
        self._memory = memory
        self._frame: PreviewFrame | None = None

    def look_at(self, name: str) -> None:
        """Use the memory of this name, as the recorder's status tells it; "" lets go."""
        if name == self._name:
            return
        self.close()
        if name:
            try:
                self._memory = _map(name, make=False)
            except (OSError, ValueError):
                return  # the recorder has just gone: its next status names another
        self._name = name

    def latest(self) -> PreviewFrame | None:
        """The newest whole picture, or None while there is none."""
        if self._memory is None or self._memory.closed:
            return None
        (newest,) = _NEWEST.unpack_from(self._memory, 0)
        if not newest:
            self._frame = None
        elif self._frame is None or self._frame.sequence != newest:
            self._frame = self._take(self._memory, newest) or self._frame
        return self._frame

    def close(self) -> None:
        """Let go of the memory."""
        if self._memory is not None:
            self._memory.close()
        self._name, self._memory, self._frame = "", None, None

    def _take(self, memory: mmap.mmap, number: int) -> PreviewFrame | None:
        slot = number % 2
        begun, whole, width_px, height_px = _SLOT.unpack_from(memory, _SLOT_AT[slot])
        if not begun == whole == number or width_px * height_px * 3 > _PICTURE_BYTES:
            return None
        begin = _HEADER_BYTES + slot * _PICTURE_BYTES
        bgr = memory[begin : begin + width_px * height_px * 3]
        if _SLOT.unpack_from(memory, _SLOT_AT[slot])[0] != number:
            return None  # overtaken while copying
        return PreviewFrame(number, width_px, height_px, bgr)


def destroy(name: str) -> None:
    """Remove memory that a killed recorder left behind."""
    if sys.platform != "win32":
        try:
            _posixshmem.shm_unlink(name)
        except FileNotFoundError:
            return


def _map(name: str, *, make: bool) -> mmap.mmap:
    if sys.platform != "win32":
        flags = os.O_RDWR | (os.O_CREAT | os.O_EXCL if make else 0)
        descriptor = _posixshmem.shm_open(name, flags, mode=0o600)
        try:
            if make:
                os.ftruncate(descriptor, _TOTAL_BYTES)
            return mmap.mmap(descriptor, _TOTAL_BYTES)
        finally:
            os.close(descriptor)
    else:
        return mmap.mmap(-1, _TOTAL_BYTES, tagname=name.lstrip("/"))
