"""The lock names versions and hashes, and nothing of the machine that made it."""

from __future__ import annotations

import re
import tomllib

from tests.rules.tree import ROOT, listed

LOCK = (ROOT / "requirements.lock").read_text("utf-8")
VERSIONS = [line.split(" ")[0] for line in LOCK.splitlines() if re.match(r"[a-z0-9]", line)]


def test_the_lock_names_no_host_and_no_path() -> None:
    strays = [
        line
        for line in LOCK.splitlines()
        if "://" in line or " @ " in line or re.search(r"(^|[\s=])[./~]*/", line)
    ]

    assert not strays, listed(strays)


def test_the_lock_sets_no_option_for_pip() -> None:
    assert [line for line in LOCK.splitlines() if line.startswith("-")] == []


def test_every_locked_version_has_a_hash() -> None:
    entries = re.split(r"\n(?=[a-z0-9])", LOCK.strip())

    assert len(entries) == len(VERSIONS)
    assert [entry.split("\n")[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_opencv_comes_without_windows_of_its_own() -> None:
    opencv = [version.split("==")[0] for version in VERSIONS if version.startswith("opencv")]

    assert opencv == ["opencv-python-headless"]


def test_pyside_stays_below_6_12_while_python_3_11_is_supported() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    pyside = [version for version in VERSIONS if version.startswith("pyside6")]

    assert project["requires-python"].startswith(">=3.11")
    assert len(pyside) == 2
    assert all(version.split("==")[1].startswith("6.11.") for version in pyside)


def test_pyav_is_locked_in_one_version() -> None:
    assert len([version for version in VERSIONS if version.startswith("av==")]) == 1


def test_every_dependency_of_the_project_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = project["project"]["dependencies"] + [
        name for group in project["dependency-groups"].values() for name in group
    ]
    names = {re.split(r"[<>=\[ ;]", entry)[0].lower() for entry in wanted}

    assert names - {version.split("==")[0] for version in VERSIONS} == set()
