"""Tracked files name no machine's paths, and no host that packages come from."""

from __future__ import annotations

import re
from pathlib import Path

from tests.rules.tree import allowed, listed, name_of, tracked_files

READ_AS_TEXT = {
    ".py", ".md", ".toml", ".txt", ".lock", ".spec", ".html", ".css", ".js", ".json", ".yml",
    ".cfg", ".sh", ".svg", ".qss", ".csv", "",
}  # fmt: skip
PATHS_OF_A_MACHINE = re.compile(r"(?<![\w.])/(work|tmp|home/\w+|root|Users/\w+|opt/\w+)(/|\b)")
REGISTRIES = re.compile(
    r"pypi\.org|pythonhosted\.org|npmjs\.(org|com)|tuna\.tsinghua|mirrors\.aliyun|pypi\.douban|"
    r"mirrors\.\w+\.\w+|proxy\.golang\.org|crates\.io|deb\.debian\.org",
)


def test_no_file_names_a_path_of_a_machine() -> None:
    exempt = allowed("machine_paths")
    strays = [
        f"{place} {line.strip()[:80]}"
        for path in _texts()
        if name_of(path) not in exempt and not name_of(path).startswith("tests/")
        for place, line in _lines(path)
        if PATHS_OF_A_MACHINE.search(line)
    ]

    assert not strays, listed(strays)


def test_no_file_names_a_package_registry() -> None:
    strays = [
        f"{place} {line.strip()[:80]}"
        for path in _texts()
        if path.name != Path(__file__).name
        for place, line in _lines(path)
        if REGISTRIES.search(line)
    ]

    assert not strays, listed(strays)


def _texts() -> list[Path]:
    return [path for path in tracked_files() if path.suffix in READ_AS_TEXT]


def _lines(path: Path) -> list[tuple[str, str]]:
    lines = path.read_text("utf-8", errors="replace").splitlines()
    return [(f"{name_of(path)}:{number}", line) for number, line in enumerate(lines, start=1)]
