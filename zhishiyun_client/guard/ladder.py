"""The ladder: journal first, lock step by step, and always find the way back.

Rules (docs/lockdown.md):
1. what a step found is durable on disk before the step changes anything; no journal, no lock;
2. any failure on the way up leads down at once, the half-done step included;
3. on the way down a failing step stops no other; what could not be undone stays in the journal;
4. whoever listens cannot break it, and it waits for nobody.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec

from zhishiyun_client.ports.locking import Climbed, LockStep, NotHere, Skipped
from zhishiyun_client.runtime.durable import replace_durably, sync_folder

LOG = logging.getLogger(__name__)
FILE = "lock.journal"
UNREADABLE = ".unreadable"
Listener = Callable[[str], None]
"""Told "climbed" or "descended"; what it raises is logged and forgotten."""


class Rung(msgspec.Struct, frozen=True):
    """One line of the journal: a step's name and what it found."""

    name: str
    before: dict[str, Any]


_DECODER: msgspec.json.Decoder[list[Rung]] = msgspec.json.Decoder(list[Rung])


class Journal:
    """What is locked, or may be: a small file that is replaced whole. Thread: one at a time."""

    def __init__(self, home: Path) -> None:
        self._file = home / FILE

    def read(self) -> tuple[Rung, ...]:
        """What must be undone, in the order of locking.

        A file that nobody can read is put aside: it must not keep a machine from starting.
        """
        try:
            content = self._file.read_bytes()
        except FileNotFoundError:
            return ()
        try:
            return tuple(_DECODER.decode(content))
        except msgspec.DecodeError:
            LOG.error("the lock's journal cannot be read; put aside")
            self._file.replace(self._file.with_name(FILE + UNREADABLE))
            return ()

    def write(self, rungs: Iterable[Rung]) -> None:
        """Replace it, durable on return. Raises OSError."""
        rows = list(rungs)
        if rows:
            replace_durably(self._file, msgspec.json.encode(rows))
        elif self._file.exists():
            self._file.unlink(missing_ok=True)  # takes no room: works on a full disk too
            sync_folder(self._file.parent)


class Ladder:
    """Locks and unlocks the steps it knows. Thread: one at a time.

    Args:
        steps:    in the order of locking.
        journal:  where what they found is kept.
        listener: told when the ladder stands up or lies down.
    """

    def __init__(
        self, steps: Iterable[LockStep], journal: Journal, listener: Listener | None = None
    ) -> None:
        self._steps = {step.name: step for step in steps}
        self._journal = journal
        self._listener = listener

    def climb(self) -> Climbed:
        """Lock all that can be locked here.

        Raises:
            OSError, ExceptionGroup: a step or the journal failed; everything is undone again.
        """
        known = {rung.name: rung for rung in self._journal.read()}
        skipped: list[Skipped] = []
        chosen: list[LockStep] = []
        try:
            for step in self._steps.values():
                try:
                    found = Rung(step.name, dict(step.look()))
                except NotHere as stranger:
                    skipped.append(Skipped(step.name, stranger.reason))
                    continue
                known.setdefault(step.name, found)  # the oldest truth stays
                chosen.append(step)
            self._journal.write(known.values())  # once for all: the disk is slow, the clock runs
            for step in chosen:
                step.apply()
        except BaseException:
            self.descend()
            raise
        self._tell("climbed")
        return Climbed(tuple(step.name for step in chosen), tuple(skipped))

    def descend(self) -> None:
        """Undo whatever the journal holds, the last first; harmless when it holds nothing.

        Raises:
            ExceptionGroup: every failure; what is still locked stays in the journal.
        """
        stuck: list[Rung] = []
        slips: list[Exception] = []
        rungs = self._journal.read()
        for rung in reversed(rungs):
            try:
                self._undo(rung)
            except Exception as slip:
                stuck.append(rung)
                slips.append(slip)
        if rungs:
            try:
                self._journal.write(reversed(stuck))
            except OSError as slip:  # undone all the same; the next start undoes it once more
                slips.append(slip)
            self._tell("descended")
        if slips:
            raise ExceptionGroup("some steps could not be undone", slips)

    def _undo(self, rung: Rung) -> None:
        step = self._steps.get(rung.name)
        if step is None:
            raise LookupError(f"this version knows no step {rung.name!r}")
        step.undo(rung.before)

    def _tell(self, what: str) -> None:
        if self._listener is None:
            return
        try:
            self._listener(what)
        except Exception:
            LOG.exception("a listener of the ladder failed")
