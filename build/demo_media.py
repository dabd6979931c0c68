"""Makes the demonstration content under resources/ anew: `python build/demo_media.py [PART …]`.

Parts: film, voice, sheets, placement, roster; all of them by default. The same inputs give the
same bytes, except for the spreadsheet's zip and the voice, which depends on espeak-ng's version.
Needs the test environment, espeak-ng and fonts-noto-cjk.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from demonstration import film, placement, roster, sheets, voice
from PySide6.QtCore import QHashSeed
from PySide6.QtGui import QGuiApplication

RESOURCES = Path(__file__).resolve().parents[1] / "resources"
REHEARSAL = RESOURCES / "rehearsal"

PARTS: dict[str, Callable[[], object]] = {
    "film": lambda: film.write(REHEARSAL / "film.mjpg"),
    "voice": lambda: voice.write(REHEARSAL / "voice.ogg"),
    "sheets": lambda: sheets.write_all(RESOURCES),
    "placement": lambda: placement.write(RESOURCES / "attachments" / "佐证拍摄位置示意图.png"),
    "roster": lambda: roster.write_all(REHEARSAL / "roster"),
}


def main(wanted: list[str]) -> int:
    """Make the parts that are wanted."""
    unknown = [name for name in wanted if name not in PARTS]
    if unknown:
        print(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
        return 2
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    QHashSeed.setDeterministicGlobalSeed()  # fonts enter a PDF in the order of a hash
    application = QGuiApplication([])
    for name in wanted or PARTS:
        print(name, PARTS[name]() or "")
    del application
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
