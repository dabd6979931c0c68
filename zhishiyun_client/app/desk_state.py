"""What a desk tells those who watch it from outside: its pid while it runs, and that it left."""

from __future__ import annotations

import os
from pathlib import Path

PID = "desk.pid"
LEFT = "desk.left"


class DeskState:
    """Two small files in the home folder."""

    def __init__(self, home: Path) -> None:
        self._pid = home / PID
        self._left = home / LEFT

    def arrive(self) -> None:
        """This process is the desk now."""
        self._left.unlink(missing_ok=True)
        self._pid.write_text(str(os.getpid()), encoding="ascii")

    def leave(self) -> None:
        """The candidate closed the desk for good."""
        self._left.touch()
        self._pid.unlink(missing_ok=True)

    def has_left(self) -> bool:
        """Whether the last desk left by itself."""
        return self._left.is_file()

    def running_pid(self) -> int | None:
        """The pid that the desk wrote down."""
        try:
            return int(self._pid.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None
