"""The eyes of the system this runs on."""

from __future__ import annotations

import sys
from typing import Protocol

from zhishiyun_client.guard.processes import Ask, ask_by_signal
from zhishiyun_client.ports.surroundings import SurroundingsProbe
from zhishiyun_client.ports.watching import DisplayProbe, FocusProbe, WindowProbe


class Eyes(DisplayProbe, FocusProbe, WindowProbe, Protocol):
    """Displays, windows and who is in front. Thread: one at a time."""

    def close(self) -> None:
        """Give back what is held."""
        ...


if sys.platform == "win32":
    from zhishiyun_client.guard.systems.surroundings_windows import WindowsSurroundings
    from zhishiyun_client.guard.systems.windows import Windows

    def eyes_here(our_pid: int | None = None) -> Eyes:
        """New eyes; `our_pid` None means this process."""
        return Windows(our_pid)

    def surroundings_here() -> SurroundingsProbe:
        """What Windows tells of the machine itself."""
        return WindowsSurroundings()

    def ask_here() -> Ask:
        """How a program is asked to close on Windows: by its windows; there are no signals."""
        return Windows().ask_to_close

elif sys.platform == "darwin":
    from zhishiyun_client.guard.systems.macos import Macos
    from zhishiyun_client.guard.systems.surroundings_macos import MacosSurroundings

    def eyes_here(our_pid: int | None = None) -> Eyes:
        """New eyes; `our_pid` None means this process."""
        return Macos(our_pid)

    def surroundings_here() -> SurroundingsProbe:
        """What macOS tells of the machine itself."""
        return MacosSurroundings()

    def ask_here() -> Ask:
        """How a program is asked to close on macOS."""
        return ask_by_signal

else:
    from zhishiyun_client.guard.systems.linux import X11
    from zhishiyun_client.guard.systems.surroundings_linux import LinuxSurroundings

    def eyes_here(our_pid: int | None = None) -> Eyes:
        """New eyes; `our_pid` None means this process."""
        return X11(our_pid=our_pid)

    def surroundings_here() -> SurroundingsProbe:
        """What Linux tells of the machine itself."""
        return LinuxSurroundings()

    def ask_here() -> Ask:
        """How a program is asked to close on Linux."""
        return ask_by_signal
