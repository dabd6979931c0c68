"""恢复电脑设置 gives the computer back, also for whoever types no commands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from zhishiyun_client.app.unlock_shortcut import offer_unlock, write_shortcut
from zhishiyun_client.guard.ladder import FILE, Journal, Rung
from zhishiyun_client.runtime.programs import client_command

ROOT = Path(__file__).parents[3]


def command(home: Path) -> list[str]:
    return client_command("unlock", "--home", str(home))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="runs Linux's shortcut")
def test_linuxs_menu_entry_runs_the_unlocking(tmp_path: Path) -> None:
    home = tmp_path / '考生 a%b "c" $d'
    home.mkdir()
    Journal(home).write([Rung("awake", {})])
    entry = write_shortcut("linux", {"XDG_DATA_HOME": str(tmp_path)}, tmp_path, command(home))

    line = next(x for x in entry.read_text("utf-8").splitlines() if x.startswith("Exec="))
    # What a menu does: undo the escapes of the value, then the quotes, then the percent signs.
    value = line.removeprefix("Exec=").replace("\\\\", "\\")
    quoted = re.findall(r'"((?:[^"\\]|\\.)*)"', value)
    words = [re.sub(r"\\(.)", r"\1", word).replace("%%", "%") for word in quoted]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert "awake" in done.stdout
    assert not (home / FILE).exists()


@pytest.mark.skipif(sys.platform == "win32", reason="runs a shell")
def test_macos_file_runs_the_unlocking(tmp_path: Path) -> None:
    Journal(tmp_path).write([Rung("awake", {})])
    file = write_shortcut("darwin", {}, tmp_path, command(tmp_path))

    done = subprocess.run([str(file)], cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert not (tmp_path / FILE).exists()


def test_windows_file_lies_in_the_start_menu(tmp_path: Path) -> None:
    file = write_shortcut("win32", {"APPDATA": str(tmp_path)}, tmp_path, command(tmp_path))

    assert file.name == "恢复电脑设置.cmd"
    assert file.parent == tmp_path / "Microsoft" / "Windows" / "Start Menu" / "Programs"
    assert b"unlock" in file.read_bytes()


@pytest.mark.skipif(sys.platform != "win32", reason="runs Windows' command interpreter")
def test_windows_file_runs_the_unlocking(tmp_path: Path) -> None:
    Journal(tmp_path).write([Rung("awake", {})])
    file = write_shortcut("win32", {"APPDATA": str(tmp_path)}, tmp_path, command(tmp_path))

    subprocess.run(["cmd", "/c", str(file)], cwd=ROOT, stdin=subprocess.DEVNULL, timeout=60)

    assert not (tmp_path / FILE).exists()


def test_it_is_written_again_only_when_it_changed(tmp_path: Path) -> None:
    file = write_shortcut("linux", {}, tmp_path, command(tmp_path))
    before = file.stat().st_mtime_ns
    os.utime(file, ns=(before - 10**9, before - 10**9))

    write_shortcut("linux", {}, tmp_path, command(tmp_path))
    assert file.stat().st_mtime_ns == before - 10**9
    write_shortcut("linux", {}, tmp_path, ["elsewhere"])
    assert "elsewhere" in file.read_text("utf-8")


def test_from_source_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))

    offer_unlock(tmp_path)

    assert not (tmp_path / "data").exists()
