"""Every page of the client, drawn by Windows' own Qt platform in a real window.

The pictures lie in out/windows afterwards; look at them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.client.ui.samples import pages

pytestmark = pytest.mark.windows
ROOT = Path(__file__).parents[2]
DRAWN = 300  # different colours: a page with text, an empty one has a few


def test_every_page_is_drawn() -> None:
    out = ROOT / "out" / "windows"
    words = [sys.executable, "-m", "tests.windows.draw_pages", str(out)]
    environment = {**os.environ, "QT_QPA_PLATFORM": "windows"}

    done = subprocess.run(
        words, cwd=ROOT, env=environment, capture_output=True, text=True, encoding="utf-8"
    )

    assert done.returncode == 0, done.stderr
    colours = dict(line.split() for line in done.stdout.splitlines())
    assert colours.keys() == pages().keys()
    assert {name: n for name, n in colours.items() if int(n) < DRAWN} == {}
