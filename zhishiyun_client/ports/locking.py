"""A step of the lock: what it is now, change it, give it back (design §7; docs/lockdown.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

Before = Mapping[str, str | int]
"""What a step found, small enough for the journal; never texts of a person."""


class NotHere(Exception):
    """Raised by `look` only: this machine has no such thing, so there is nothing to lock.

    reason: a short stable code: NO_X11, NO_INHIBITOR, CALL_REFUSED, …
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class LockStep(Protocol):
    """One thing that is changed on the machine while recording runs, and its way back.

    `undo` may be called twice, without `apply`, and by another process than the one that applied:
    whatever the system takes back by itself when a process dies needs no more there.
    None of them waits for a thread, the network or a person. Thread: the desk's, or whoever undoes.
    """

    @property
    def name(self) -> str:
        """The step's name in the journal; never changed once shipped."""
        ...

    def look(self) -> Before:
        """How it is now; what `undo` needs. Changes nothing. Raises `NotHere`."""
        ...

    def apply(self) -> None:
        """Lock it."""
        ...

    def undo(self, before: Before) -> None:
        """Give it back as it was."""
        ...


@dataclass(frozen=True, slots=True)
class Skipped:
    """A step that this machine has no place for."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Climbed:
    """What the ladder holds now."""

    applied: tuple[str, ...]
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True)
class ClipboardTouched:
    """A report: another program put something on the clipboard; it is removed unread."""


class KeyboardHold(Protocol):
    """Holds the whole keyboard for our window, where the system lets a window do so.

    The hold ends with the process at the latest. Thread: ui.
    """

    def is_possible(self) -> bool:
        """Whether this system knows such a hold (X11; not Windows, not Wayland)."""
        ...

    def take(self) -> None:
        """Hold it, trying again while somebody else does; returns at once."""
        ...

    def give_back(self) -> None:
        """Let go; may be called twice."""
        ...


class ShownWindow(Protocol):
    """Our window as the system knows it. Thread: ui."""

    def native_id(self) -> int:
        """The system's number of the window, 0 without one."""
        ...

    def wants_hiding(self) -> bool:
        """Whether the plan wants it out of screenshots and recordings."""
        ...


class LockedWindow(KeyboardHold, ShownWindow, Protocol):
    """Everything a window does for the lock."""


@runtime_checkable
class Renewed(Protocol):
    """A step that others may undo, so that it is set again at every beat."""

    def renew(self) -> bool:
        """Set it again; whether it holds."""
        ...


class Clipboard(Protocol):
    """The clipboard while the exam is locked: emptied at both ends, ours alone between."""

    def take(self) -> None:
        """Empty it; from now on what others put there is thrown away, counted, not read."""
        ...

    def give_back(self) -> None:
        """Empty it and let others use it again; may be called twice."""
        ...
