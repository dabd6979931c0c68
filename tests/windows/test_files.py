"""What a program's file says of itself, on real Windows (R172, F29)."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.windows

if sys.platform == "win32":
    from zhishiyun_client.guard.systems.windows_files import identity_of


def python_library() -> Path:
    return Path(sys.base_prefix) / f"python{sys.version_info[0]}{sys.version_info[1]}.dll"


def test_a_signed_file_names_its_maker_and_its_own_name() -> None:
    said = identity_of(str(python_library()))

    assert said.original == python_library().name
    assert said.signer == "Python Software Foundation"


def test_a_renamed_file_still_says_what_it_is(tmp_path: Path) -> None:
    renamed = tmp_path / "homework.dll"
    renamed.write_bytes(python_library().read_bytes())

    assert identity_of(str(renamed)).original == python_library().name


def test_a_file_that_is_no_program_says_nothing(tmp_path: Path) -> None:
    text = tmp_path / "QQ.exe"
    text.write_text("no program", "utf-8")

    assert identity_of(str(text)) == identity_of(str(tmp_path / "missing.exe"))
    assert identity_of(str(text)).signer == ""
