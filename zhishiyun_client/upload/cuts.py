"""The table of cuts, `<attempt>.cuts`: what was cut once is always cut the same way.

One ASCII line a fact, appended and fsynced before the chunk is first offered, several at once:

    cut <first byte> <length> <sha256>
    split <first byte> <length>          the cut is withdrawn; smaller ones follow

A torn last line is cut off on opening. Losing the file is harmless: what the server holds says
where to go on; only chunks in flight at that instant could then be offered cut differently.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from zhishiyun_client.upload.ranges import RangeSet
from zhishiyun_protocol.errors import Broken

SUFFIX = ".cuts"
_LINE = re.compile(rb"cut (\d{1,18}) (\d{1,18}) ([0-9a-f]{64})\n|split (\d{1,18}) (\d{1,18})\n")


@dataclass(frozen=True, slots=True)
class Cut:
    """One chunk: bytes [first_byte, end) of the log, and their digest."""

    first_byte: int
    length: int
    sha256: str
    of_split: bool = False  # a larger chunk that covered it had been offered before

    @property
    def end(self) -> int:
        """First byte after the chunk."""
        return self.first_byte + self.length


class CutTable:
    """The cuts of one log. Thread: the pump's.

    Raises:
        Broken: CUTS_NOT_WRITABLE.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._cuts: dict[int, Cut] = {}
        self._covered = RangeSet()
        self._split = RangeSet()
        self._unwritten = ""
        try:
            self._length = self._read()
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
            os.ftruncate(self._file, self._length)
        except OSError as error:
            raise _not_writable(error) from error

    def close(self) -> None:
        """Close the file; what is not written down was never offered."""
        os.close(self._file)

    @property
    def cuts(self) -> tuple[Cut, ...]:
        """All cuts in order of their first byte."""
        return tuple(self._cuts[first] for first in sorted(self._cuts))

    @property
    def covered(self) -> RangeSet:
        """Bytes that belong to a cut; not to be changed by the caller."""
        return self._covered

    def at(self, first_byte: int) -> Cut | None:
        """The cut that begins there."""
        return self._cuts.get(first_byte)

    def touching(self, first: int, end: int) -> tuple[Cut, ...]:
        """The cuts that share a byte with [first, end), in order."""
        return tuple(cut for cut in self.cuts if cut.first_byte < end and first < cut.end)

    def add(self, first_byte: int, length: int, sha256: str) -> Cut:
        """Take a cut in; it may be offered when `write_down` has returned."""
        self._unwritten += f"cut {first_byte} {length} {sha256}\n"
        return self._take(first_byte, length, sha256)

    def split(self, cut: Cut) -> None:
        """Withdraw a cut so that its bytes can be cut smaller; durable when this returns."""
        self._unwritten += f"split {cut.first_byte} {cut.length}\n"
        self.write_down()
        self._withdraw(cut.first_byte, cut.length)

    def write_down(self) -> None:
        """Make everything durable that was taken in; what fails is tried again the next time."""
        if self._unwritten:
            self._append(self._unwritten)
            self._unwritten = ""

    def _take(self, first_byte: int, length: int, sha256: str) -> Cut:
        of_split = self._split.touches(first_byte, first_byte + length)
        cut = Cut(first_byte, length, sha256, of_split)
        self._cuts[first_byte] = cut
        self._covered.add(first_byte, cut.end)
        return cut

    def _withdraw(self, first_byte: int, length: int) -> None:
        self._cuts.pop(first_byte, None)
        self._covered.remove(first_byte, first_byte + length)
        self._split.add(first_byte, first_byte + length)

    def _append(self, lines: str) -> None:
        raw = lines.encode("ascii")
        try:
            os.lseek(self._file, self._length, os.SEEK_SET)  # over what half failed before
            if os.write(self._file, raw) != len(raw):
                raise OSError("the lines were not written whole")
            os.fsync(self._file)
        except OSError as error:
            raise _not_writable(error) from error
        self._length += len(raw)

    def _read(self) -> int:
        """Take the whole lines; returns where they end."""
        whole = 0
        content = self._path.read_bytes() if self._path.exists() else b""
        while (match := _LINE.match(content, whole)) is not None:
            if match[1] is not None:
                self._take(int(match[1]), int(match[2]), match[3].decode("ascii"))
            else:
                self._withdraw(int(match[4]), int(match[5]))
            whole = match.end()
        return whole


def _not_writable(error: OSError) -> Broken:
    return Broken(
        "CUTS_NOT_WRITABLE",
        "The uploader cannot write down what it sends: the disk is full or read-only.",
        "上传记录无法写入磁盘，请检查磁盘空间。",
        errno=error.errno,
    )
