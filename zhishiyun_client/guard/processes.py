"""A cheap look at the running programs: only what is new is read, only what is listed is kept.

A beat lists the process ids and reads name, path and – for interpreters – command line of those
that were not there before. Three things a plain difference would miss are looked at again:

- a process that has just been started may still carry its launcher's name: it is read again
  at every beat until it is `YOUNG_S` old; on Windows, where a process is one program all its
  life, only while it could not be read;
- an id may be given to another program between two beats, and a program may become another one
  without changing its id (exec): each beat reads one slice of all ids again, all within
  `ROUND_BEATS` beats;
- a hit is asked at every beat whether it is still the same process (creation time) and alive.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePath

import psutil

from zhishiyun_client.guard.catalogue import Catalogue, Match, treatment_of
from zhishiyun_client.ports.watching import Closing, FileIdentity, Identifier, ProcessHit
from zhishiyun_protocol.plan import Guarding, Treatment

YOUNG_S = 3.0  # a launcher script has become its program by then; docs/guard.md
BECOMES_ANOTHER = sys.platform != "win32"  # by exec
ROUND_BEATS = 16  # at a beat of one second every id is read again within 16 s
FILES = 1024  # identities that are remembered; a machine runs a few hundred programs
Ask = Callable[[psutil.Process], Closing]
"""Asks one process to close, the way its system does."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """A process on the list, as it was when it was recognised."""

    process: psutil.Process
    created_ms: int
    name: str
    match: Match


class RememberedIdentities:
    """An `Identifier` that reads each program's file once, and again when it was replaced.

    Thread: one at a time.
    """

    def __init__(self, identify: Identifier) -> None:
        self._identify = identify
        self._known: dict[tuple[str, int, int], FileIdentity] = {}

    def __call__(self, path: str) -> FileIdentity:
        """What the file says of itself."""
        try:
            status = Path(path).stat()
        except OSError:
            return FileIdentity()
        key = (path, status.st_mtime_ns, status.st_size)
        if key not in self._known:
            if len(self._known) >= FILES:
                self._known.clear()
            self._known[key] = self._identify(path)
        return self._known[key]


class ProcessWatch:
    """Implements `ProcessProbe` with psutil.

    Args:
        catalogue: the list.
        guarding:  how the plan treats each category.
        ask:       asks one process to close.
        clock_s:   monotonic seconds.
        identify:  what a program's file says of itself; None where files say nothing.
    Thread: any.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        guarding: Guarding,
        ask: Ask,
        clock_s: Callable[[], float] = time.monotonic,
        identify: Identifier | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._guarding = guarding
        self._ask = ask
        self._clock_s = clock_s
        self._identify = RememberedIdentities(identify) if identify is not None else None
        self._known: frozenset[int] = frozenset()
        self._young: dict[int, float] = {}
        self._unread: set[int] = set()
        self._beat = 0
        self._lock = threading.Lock()
        self._hits: dict[int, _Seen] = {}

    def running(self) -> tuple[ProcessHit, ...]:
        """The listed products that run now, one hit a product."""
        with self._lock:
            now_s = self._clock_s()
            pids = frozenset(psutil.pids())
            fresh = pids - self._known
            young = {p: s for p, s in self._young.items() if p in pids and now_s - s < YOUNG_S}
            self._unread.clear()
            self._look_at(fresh | young.keys() | self._slice(pids))
            young |= dict.fromkeys(fresh, now_s)
            self._young = {p: s for p, s in young.items() if BECOMES_ANOTHER or p in self._unread}
            self._known = pids
            self._hits = {pid: seen for pid, seen in self._hits.items() if _lives(seen.process)}
            return self._products()

    def ask_to_close(self, hit: ProcessHit) -> Closing:
        """Ask every process of the hit's product, after the candidate's click; never kills."""
        with self._lock:
            hits = tuple(self._hits.values())
        asked = [seen.process for seen in hits if seen.match.program.id == hit.product]
        answers = {self._ask(process) for process in asked if _lives(process)}
        for answer in (Closing.ASKED, Closing.DENIED, Closing.NO_WINDOW):
            if answer in answers:
                return answer
        return Closing.GONE

    def _slice(self, pids: frozenset[int]) -> frozenset[int]:
        self._beat = (self._beat + 1) % ROUND_BEATS  # >> 2: ids of Windows are multiples of 4
        return frozenset(pid for pid in pids if (pid >> 2) % ROUND_BEATS == self._beat)

    def _look_at(self, pids: frozenset[int]) -> None:
        for pid in pids:
            seen = self._read(pid)
            if seen is not None:
                self._hits[pid] = seen
            else:
                self._hits.pop(pid, None)

    def _read(self, pid: int) -> _Seen | None:
        try:
            process = psutil.Process(pid)
            with process.oneshot():
                name = process.name()
                match = self._catalogue.by_name(name) or self._by_more(process, name)
                if match is None:
                    return None
                created_ms = round(process.create_time() * 1000)
        except psutil.Error:  # gone meanwhile, or nobody may look: there is nothing to keep
            self._unread.add(pid)
            return None
        return _Seen(process, created_ms, name, match)

    def _by_more(self, process: psutil.Process, name: str) -> Match | None:
        try:
            path = process.exe() or ""
            match = self._catalogue.by_path(path)
            if match is None and path and self._identify is not None:
                match = self._catalogue.by_identity(self._identify(path))
            if match is None and self._catalogue.runs_scripts(name):
                match = self._catalogue.by_script(" ".join(process.cmdline()))
        except psutil.AccessDenied:  # another user's process: its name was all we may know
            return None
        return match

    def _products(self) -> tuple[ProcessHit, ...]:
        by_product: dict[str, list[_Seen]] = {}
        for seen in self._hits.values():
            by_product.setdefault(seen.match.program.id, []).append(seen)
        found = (self._hit(seen) for _, seen in sorted(by_product.items()))
        return tuple(hit for hit in found if hit.treatment is not Treatment.ALLOW)

    def _hit(self, all_seen: list[_Seen]) -> ProcessHit:
        all_seen.sort(key=lambda seen: (seen.created_ms, seen.process.pid))
        first = all_seen[0]
        program = first.match.program
        return ProcessHit(
            product=program.id,
            zh=program.zh,
            en=program.en,
            category=program.category,
            treatment=treatment_of(program, self._guarding),
            program=PurePath(first.name).name,
            matched=first.match.by,
            processes=tuple((seen.process.pid, seen.created_ms) for seen in all_seen),
            needs_window=program.needs_window,
        )


def ask_by_signal(process: psutil.Process) -> Closing:
    """Ask by SIGTERM, which a program may take its time over or ignore (Linux, macOS)."""
    try:
        process.terminate()  # psutil refuses when the id belongs to another process meanwhile
    except psutil.NoSuchProcess:
        return Closing.GONE
    except psutil.AccessDenied:
        return Closing.DENIED
    return Closing.ASKED


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.AccessDenied:
        return True
    except psutil.Error:
        return False
