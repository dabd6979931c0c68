"""Steps whose setting is a file: real enough to be killed half-way, for tests of the ladder."""

from __future__ import annotations

import sys
from pathlib import Path

import psutil

from zhishiyun_client.guard.ladder import Journal, Ladder
from zhishiyun_client.ports.locking import Before, NotHere

OPEN, SHUT = "open", "shut"


class FileStep:
    """A setting that is `open` or `shut`; may fail or kill its process where the test says so."""

    def __init__(self, folder: Path, name: str, *, fails: str = "", kills: str = "") -> None:
        self.name = name
        self.file = folder / name
        self._fails = fails
        self._kills = kills
        if not self.file.exists():
            self.file.write_text(OPEN)

    def look(self) -> Before:
        self._happen("look")
        return {"was": self.file.read_text()}

    def apply(self) -> None:
        self._happen("before apply")
        self.file.write_text(SHUT)
        self._happen("apply")

    def undo(self, before: Before) -> None:
        self._happen("undo")
        self.file.write_text(str(before["was"]))
        self._happen("after undo")

    def _happen(self, moment: str) -> None:
        if self._kills == moment:
            psutil.Process().kill()  # SIGKILL, TerminateProcess on Windows
        if self._fails == moment:
            raise OSError(moment)
        if self._fails == "not here" and moment == "look":
            raise NotHere("NO_FILE")


def states(folder: Path, names: str) -> str:
    """The settings' first letters: "oso" is open, shut, open."""
    return "".join((folder / name).read_text()[0] for name in names)


def main() -> None:
    """FOLDER STEP MOMENT: climb and descend, dying at that moment of that step."""
    folder, victim, moment = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    steps = [FileStep(folder, name, kills=moment if name == victim else "") for name in "abc"]
    ladder = Ladder(steps, Journal(folder))
    ladder.climb()
    ladder.descend()


if __name__ == "__main__":
    main()
