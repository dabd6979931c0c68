"""What a power cut leaves of a folder: only what was fsynced is sure, the rest is chance.

Contents of a file are sure up to the begin of its last finished fsync. Beyond them a disk may have
kept nothing, a part, or pages in any order with zeros or old bytes between. Names are a journal:
those of the last finished fsync of anything created there are sure, later changes survive up to
some point, in order. Source: the guarantees of fsync(2) and of ext4's ordered journal.
"""

from __future__ import annotations

import random
import struct
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

SOURCE = Path(__file__).with_name("diary_preload.c")
PAGE_BYTES = 4096
_ENTRY = struct.Struct("<cQQQI")


class Mess(StrEnum):
    """What became of bytes that were written and not fsynced."""

    NOTHING = "nothing"
    """None of them is there."""
    TORN = "torn"
    """They end somewhere, in the middle of a record."""
    ZEROS = "zeros"
    """The file is as long as it was, pages that did not arrive are zero."""
    GARBAGE = "garbage"
    """The same, with old bytes of the disk."""


@dataclass(frozen=True)
class Entry:
    """One line of the diary."""

    kind: str
    at_ns: int
    inode: int
    offset: int
    data: bytes


class Diary:
    """Writes what a program does below `root`; hand `environment` to it."""

    def __init__(self, folder: Path, root: Path) -> None:
        self._root = root.resolve()
        self._file = folder / "diary"
        self._library = folder / "libdiary.so"
        strict = ["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
        command = ["gcc", *strict, "-o", str(self._library), str(SOURCE), "-ldl"]
        subprocess.run(command, check=True)
        self.library = str(self._library)
        self.environment = {"DIARY_ROOT": str(self._root), "DIARY_FILE": str(self._file)}

    def entries(self) -> list[Entry]:
        """Everything so far, in order."""
        return list(self._read(self._file.read_bytes()))

    def _read(self, data: bytes) -> Iterator[Entry]:
        at = 0
        while at + _ENTRY.size <= len(data):
            kind, at_ns, inode, offset, length = _ENTRY.unpack_from(data, at)
            at += _ENTRY.size
            if at + length > len(data):
                return
            yield Entry(kind.decode(), at_ns, inode, offset, data[at : at + length])
            at += length

    def survivors(self, at_ns: int, mess: Mess, chance: random.Random) -> dict[str, bytes]:
        """Path below the root → content, as they might be after a cut at this instant."""
        disk = _Disk()
        for entry in self.entries():
            if entry.at_ns > at_ns:
                break
            disk.take(entry)
        return disk.after_the_cut(str(self._root), mess, chance)


@dataclass
class _File:
    """One inode: what programs see, what was there when the running fsync began, what is sure."""

    live: bytearray = field(default_factory=bytearray)
    syncing: bytes | None = None
    sure: bytes = b""


@dataclass
class _Disk:
    files: list[_File] = field(default_factory=list)
    of_inode: dict[int, int] = field(default_factory=dict)  # an inode number may come again
    names: dict[str, int] = field(default_factory=dict)
    changes: list[tuple[str, str, int]] = field(default_factory=list)  # not yet sure, in order

    def take(self, entry: Entry) -> None:
        """One more thing happens."""
        words = entry.data.decode() if entry.kind in "crudDsS" else ""
        if entry.kind == "c" or entry.inode not in self.of_inode:
            self.of_inode[entry.inode] = len(self.files)
            self.files.append(_File())
        number = self.of_inode[entry.inode]
        file = self.files[number]
        if entry.kind == "c":
            self.changes.append(("c", words, number))
        elif entry.kind == "w":
            end = entry.offset + len(entry.data)
            file.live += bytes(max(0, end - len(file.live)))
            file.live[entry.offset : end] = entry.data
        elif entry.kind == "t":
            file.live = file.live[: entry.offset].ljust(entry.offset, b"\0")
        elif entry.kind in "ru":
            self.changes.append((entry.kind, words, 0))
        elif entry.kind == "S":
            file.syncing = bytes(file.live)
        elif entry.kind == "s":
            file.sure = file.syncing if file.syncing is not None else bytes(file.live)
            self._settle_names()  # a journal: whatever came before is on disk with it
        elif entry.kind == "d":
            self._settle_names()

    def after_the_cut(self, root: str, mess: Mess, chance: random.Random) -> dict[str, bytes]:
        for change in self.changes[: chance.randint(0, len(self.changes))]:
            _apply(self.names, change)
        return {
            path.removeprefix(root + "/"): self._content(self.files[number], mess, chance)
            for path, number in self.names.items()
        }

    def _content(self, file: _File, mess: Mess, chance: random.Random) -> bytes:
        sure, live = file.sure, bytes(file.live)
        if mess is Mess.NOTHING or live[: len(sure)] != sure:
            return sure  # also: what was cut off again after the fsync
        if mess is Mess.TORN:
            return live[: chance.randint(len(sure), len(live))]
        content = bytearray(live)
        for begin in range(len(sure) // PAGE_BYTES * PAGE_BYTES, len(live), PAGE_BYTES):
            if chance.random() < 0.5:
                continue
            first, end = max(begin, len(sure)), min(begin + PAGE_BYTES, len(live))
            lost = bytes(end - first) if mess is Mess.ZEROS else chance.randbytes(end - first)
            content[first:end] = lost
        return bytes(content)

    def _settle_names(self) -> None:
        for change in self.changes:
            _apply(self.names, change)
        self.changes.clear()


def _apply(names: dict[str, int], change: tuple[str, str, int]) -> None:
    kind, words, number = change
    if kind == "c":
        names[words] = number
    elif kind == "u":
        names.pop(words, None)
    else:
        before, after = words.split("\n")
        if before in names:
            names[after] = names.pop(before)
