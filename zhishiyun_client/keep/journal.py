"""The desk's journal: JSON lines, each fsynced and chained to the one before by SHA-256.

    {"at_us":…,"facts":{…},"kind":"…","previous":"<64 hex>","sequence":n}\\n

`previous` is the SHA-256 of the whole line before, newline included (of `FIRST` for line 0).
A torn last line is what a crash leaves, and is cut off on opening; anything else is damage.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from zhishiyun_client.ports.keeping import Entry
from zhishiyun_client.runtime.durable import sync_folder
from zhishiyun_client.runtime.paths import private_folder
from zhishiyun_protocol.errors import Broken
from zhishiyun_protocol.messages.sitting import Act
from zhishiyun_protocol.signing import canonical_json

FILE = "journal.jsonl"
FIRST = b"zhishiyun journal v1\n"
ACT, KEPT = "act", "kept"


class _Line(Entry, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry as it lies in the file."""

    previous: str


class JournalFile:
    """`ports.keeping.Journal` in one file. Thread: any.

    Raises:
        Broken: JOURNAL_CORRUPT, JOURNAL_NOT_WRITABLE.
    """

    def __init__(self, folder: Path) -> None:
        self._path = private_folder(folder) / FILE
        self._lock = threading.Lock()
        self._entries: list[Entry] = []
        self._acts: dict[str, Act] = {}
        self._kept: set[str] = set()
        self._digest = hashlib.sha256(FIRST).hexdigest()
        self._length = 0
        try:
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
            self._file = os.open(self._path, flags, 0o600)
            self._read_back(self._path.read_bytes())
            os.ftruncate(self._file, self._length)
            sync_folder(self._path.parent)
        except OSError as error:
            raise _not_writable(error) from error

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def note(self, kind: str, facts: Mapping[str, str], at_us: int = 0) -> Entry:
        """Append one line; durable when this returns."""
        with self._lock:
            return self._append(kind, facts, at_us)

    def entries(self, kind: str = "") -> tuple[Entry, ...]:
        """All lines in order, or those of one kind."""
        with self._lock:
            return tuple(entry for entry in self._entries if kind in ("", entry.kind))

    def latest(self, kind: str) -> Entry | None:
        """The newest line of a kind, or None."""
        with self._lock:
            return next((e for e in reversed(self._entries) if e.kind == kind), None)

    def intend(self, act: Act) -> None:
        """Write an act down before it is sent."""
        with self._lock:
            if act.id not in self._acts:
                self._append(ACT, {"act": msgspec.json.encode(act).decode("utf-8")}, act.at_us)

    def mark_kept(self, act_ids: Iterable[str]) -> None:
        """The server keeps these acts now."""
        with self._lock:
            news = [act_id for act_id in act_ids if act_id in self._acts]
            news = [act_id for act_id in news if act_id not in self._kept]
            if news:
                self._append(KEPT, dict.fromkeys(news, "1"), 0)

    def pending(self) -> tuple[Act, ...]:
        """Acts not yet kept by the server, in order."""
        with self._lock:
            return tuple(act for act_id, act in self._acts.items() if act_id not in self._kept)

    def _append(self, kind: str, facts: Mapping[str, str], at_us: int) -> Entry:
        line = _Line(
            sequence=len(self._entries),
            kind=kind,
            at_us=at_us,
            facts=dict(facts),
            previous=self._digest,
        )
        raw = canonical_json(line) + b"\n"
        try:
            os.lseek(self._file, self._length, os.SEEK_SET)  # over a line that half failed before
            written = os.write(self._file, raw)
            if written != len(raw):
                raise OSError("the line was not written whole")
            os.fsync(self._file)
        except OSError as error:
            raise _not_writable(error) from error
        return self._take(line, raw)

    def _take(self, line: _Line, raw: bytes) -> Entry:
        entry = Entry(sequence=line.sequence, kind=line.kind, at_us=line.at_us, facts=line.facts)
        if line.kind == ACT:
            act = msgspec.json.decode(line.facts["act"], type=Act)
            self._acts.setdefault(act.id, act)
        elif line.kind == KEPT:
            self._kept.update(line.facts)
        self._entries.append(entry)
        self._digest = hashlib.sha256(raw).hexdigest()
        self._length += len(raw)
        return entry

    def _read_back(self, content: bytes) -> None:
        """Take all whole lines, up to a torn last one."""
        while self._length < len(content):
            end = content.find(b"\n", self._length) + 1
            is_last = end == 0 or end == len(content)
            raw = content[self._length : end or len(content)]
            try:
                line = msgspec.json.decode(raw, type=_Line)
                follows = line.sequence == len(self._entries) and line.previous == self._digest
                if end == 0 or not follows:
                    raise ValueError("the line is torn or does not follow")
                self._take(line, raw)
            except (ValueError, KeyError) as error:
                if is_last:
                    return
                raise _corrupt(len(self._entries)) from error


def set_aside(folder: Path) -> Path:
    """Move a corrupt journal out of the way, so that a new one can begin; nothing is deleted."""
    path = folder / FILE
    number = 1
    while (aside := folder / f"{FILE}.damaged-{number}").exists():
        number += 1
    path.replace(aside)
    sync_folder(folder)
    return aside


def _corrupt(line: int) -> Broken:
    return Broken(
        "JOURNAL_CORRUPT",
        f"The journal is damaged at line {line + 1}: lines were removed or altered.",
        f"本机运行记录在第 {line + 1} 行处损坏：有内容被删除或改动。",
        line=line,
    )


def _not_writable(error: OSError) -> Broken:
    return Broken(
        "JOURNAL_NOT_WRITABLE",
        "The journal cannot be written: the disk is full, read-only or in use.",
        "本机运行记录无法写入，请检查磁盘空间和权限。",
        errno=error.errno,
    )
