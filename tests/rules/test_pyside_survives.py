"""PySide6 6.12.0 loses a reference to True at every emit; Python 3.11 dies of it within 600."""

from __future__ import annotations

import subprocess
import sys

EMITS = """
from PySide6.QtCore import QObject, Signal
Bell = type("Bell", (QObject,), {"rung": Signal(object)})
bell = Bell()
for stroke in range(5_000): bell.rung.emit(stroke)
print("survived")
"""


def test_five_thousand_emits_leave_python_alive() -> None:
    child = subprocess.run([sys.executable, "-c", EMITS], capture_output=True, text=True)

    assert child.stdout.strip() == "survived", child.stderr
