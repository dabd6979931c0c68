"""The list of system libraries is data with reasons, and bootstrap understands every line."""

from __future__ import annotations

import re

from tests.rules.tree import ROOT

LINES = (ROOT / "build" / "debian-packages.txt").read_text("utf-8").splitlines()
PACKAGES = [line for line in LINES if line and not line.startswith(("#", "["))]
SECTIONS = [line.strip("[]") for line in LINES if line.startswith("[")]


def test_every_package_has_a_reason() -> None:
    assert [line for line in PACKAGES if len(line.split(maxsplit=1)) < 2] == []


def test_every_name_is_one_apt_accepts() -> None:
    names = [name for line in PACKAGES for name in line.split()[0].split("|")]

    assert [name for name in names if not re.fullmatch(r"[a-z0-9][a-z0-9.+-]+", name)] == []


def test_bootstrap_knows_every_section() -> None:
    program = (ROOT / "build" / "bootstrap.py").read_text("utf-8")

    assert [section for section in SECTIONS if f'"{section}"' not in program] == []
