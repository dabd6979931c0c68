"""The eyes of the system this runs on."""

from __future__ import annotations

import sys
from typing import Protocol

from zhishiyun_client.guard.processes import Ask, ask_by_signal
from zhishiyun_client.ports.surroundings import SurroundingsProbe
from zhishiyun_client.ports.watching import (
    DisplayProbe,
    FocusProbe,
    Identifier,
    OverlayProbe,
    WindowFact,
    WindowProbe,
)


class Eyes(DisplayProbe, FocusProbe, WindowProbe, Protocol):
    """Displays, windows and who is in front. Thread: one at a time."""

    def close(self) -> None:
        """Give back what is held."""
        ...


class NoOverlays:
    """Implements `OverlayProbe` where no window can hide from recordings (X11)."""

    def foreign_windows(self) -> tuple[WindowFact, ...]:
        """None that hides."""
        return ()


if sys.platform == "win32":
    from zhishiyun_client.guard.systems.surroundings_windows import WindowsSurroundings
    from zhishiyun_client.guard.systems.windows import Windows
    from zhishiyun_client.guard.systems.windows_files import identity_of
    from zhishiyun_client.guard.systems.windows_overlays import WindowsOverlays

    def eyes_here(our_pid: int | None = None, *, titles: bool = False) -> Eyes:
        """New eyes; `our_pid` None means this process."""
        return Windows(our_pid, titles=titles)

    def surroundings_here() -> SurroundingsProbe:
        """What Windows tells of the machine itself."""
        return WindowsSurroundings()

    def ask_here() -> Ask:
        """How a program is asked to close on Windows: by its windows; there are no signals."""
        return Windows().ask_to_close

    def overlays_here() -> OverlayProbe:
        """Windows that hide from recordings."""
        return WindowsOverlays()

    def identify_here() -> Identifier | None:
        """What a program's file says of itself: its version and its signature."""
        return identity_of

elif sys.platform == "darwin":
    from zhishiyun_client.guard.systems.macos import Macos
    from zhishiyun_client.guard.systems.surroundings_macos import MacosSurroundings

    def eyes_here(our_pid: int | None = None, *, titles: bool = False) -> Eyes:
        """New eyes; `our_pid` None means this process. Titles: only who films the screen may."""
        del titles
        return Macos(our_pid)

    def surroundings_here() -> SurroundingsProbe:
        """What macOS tells of the machine itself."""
        return MacosSurroundings()

    def ask_here() -> Ask:
        """How a program is asked to close on macOS."""
        return ask_by_signal

    def overlays_here() -> OverlayProbe:
        """Windows that hide from recordings."""
        return Macos()

    def identify_here() -> Identifier | None:
        """The bundle's path tells already."""
        return None

else:
    from zhishiyun_client.guard.systems.linux import X11
    from zhishiyun_client.guard.systems.surroundings_linux import LinuxSurroundings

    def eyes_here(our_pid: int | None = None, *, titles: bool = False) -> Eyes:
        """New eyes; `our_pid` None means this process."""
        return X11(our_pid=our_pid, titles=titles)

    def surroundings_here() -> SurroundingsProbe:
        """What Linux tells of the machine itself."""
        return LinuxSurroundings()

    def ask_here() -> Ask:
        """How a program is asked to close on Linux."""
        return ask_by_signal

    def overlays_here() -> OverlayProbe:
        """X11 knows no such window."""
        return NoOverlays()

    def identify_here() -> Identifier | None:
        """Files say nothing of themselves here."""
        return None
