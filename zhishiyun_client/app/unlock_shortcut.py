"""恢复电脑设置 in the system's menu of programs: `zhishiyun unlock` for whoever types no commands.

Written at every start of an installed program, so that it is there before anything is ever locked.
A plain file each: no registry, no COM, nothing that starts by itself. From source nothing is
written; there the command is at hand.
"""

from __future__ import annotations

import logging
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from zhishiyun_client.runtime.programs import client_command

LOG = logging.getLogger(__name__)
TITLE = "恢复电脑设置"
TITLE_EN = "Restore computer settings"


def offer_unlock(home: Path) -> None:
    """Put it there, or leave it: what fails here must not keep anybody from an exam."""
    if not getattr(sys, "frozen", False):
        return
    command = client_command("unlock", "--home", str(home))
    try:
        write_shortcut(sys.platform, os.environ, Path.home(), command)
    except OSError as error:
        LOG.warning("no shortcut %s: %s", TITLE_EN, error.strerror)


def write_shortcut(
    system: str, environment: Mapping[str, str], person: Path, command: list[str]
) -> Path:
    """Write the system's kind of shortcut, durable or not at all; returns the file.

    Args:
        system: sys.platform.
        person: the home folder.

    Raises:
        OSError: it cannot be written.
    """
    if system == "win32":
        roaming = environment.get("APPDATA", str(person / "AppData" / "Roaming"))
        place = Path(roaming) / "Microsoft" / "Windows" / "Start Menu" / "Programs"
        return _written(place / f"{TITLE}.cmd", _for_windows(command), 0o600)
    if system == "darwin":
        return _written(person / "Applications" / f"{TITLE}.command", _for_macos(command), 0o700)
    data = Path(environment.get("XDG_DATA_HOME") or person / ".local" / "share")
    return _written(data / "applications" / "zhishiyun-unlock.desktop", _for_linux(command), 0o600)


def _for_windows(command: list[str]) -> str:
    line = subprocess.list2cmdline(command).replace("%", "%%")
    return f"@echo off\r\nchcp 65001 >nul\r\n{line}\r\npause\r\n"


def _for_macos(command: list[str]) -> str:
    return f"#!/bin/sh\nexec {shlex.join(command)}\n"


def _for_linux(command: list[str]) -> str:
    words = " ".join(_quoted(word) for word in command)
    lines = (
        "[Desktop Entry]",
        "Type=Application",
        f"Name={TITLE}",
        f"Name[en]={TITLE_EN}",
        "Comment=智试云：解除考试期间的锁定 / give the computer back after an exam",
        f"Exec={words}",
        "Terminal=true",
        "Categories=Utility;",
    )
    return "\n".join(lines) + "\n"


def _quoted(word: str) -> str:
    """As the Desktop Entry Specification quotes arguments of Exec."""
    escaped = "".join(f"\\{c}" if c in '"`$\\' else c for c in word)
    return '"' + escaped.replace("\\", "\\\\").replace("%", "%%") + '"'


def _written(path: Path, content: str, mode: int) -> Path:
    if not path.exists() or path.read_bytes() != content.encode("utf-8"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode("utf-8"))
        path.chmod(mode)
    return path
