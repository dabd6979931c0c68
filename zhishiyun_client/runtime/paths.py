"""Where resources and data lie, from source and when frozen."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import platformdirs

HOME_VARIABLE = "ZHISHIYUN_HOME"
LONGEST_SOCKET_PATH = 100  # bytes; sockaddr_un holds 104 on macOS, 108 on Linux
_ROOM_FOR_NAMES = 40  # of the folder and the socket in it


def resources() -> Path:
    """The folder of shipped resources."""
    bundle = getattr(sys, "_MEIPASS", None)
    root = Path(bundle) if bundle else Path(__file__).resolve().parents[2]
    return root / "resources"


def home() -> Path:
    """The folder of this person's data; ZHISHIYUN_HOME overrides the system's place."""
    chosen = os.environ.get(HOME_VARIABLE)
    return (
        Path(chosen) if chosen else Path(platformdirs.user_data_dir("zhishiyun", appauthor=False))
    )


def attempt_folder(home_folder: Path, attempt_id: str) -> Path:
    """Everything of one attempt; `attempt_id` is checked to be one plain name."""
    if not attempt_id or not attempt_id.replace("-", "").isalnum():
        raise ValueError("an attempt id is letters, digits and dashes")
    return home_folder / "attempts" / attempt_id


def private_folder(path: Path) -> Path:
    """Make a folder that only this person can read."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def socket_folder(prefix: str) -> Path:
    """Make a private folder for sockets, where their paths are short enough for the system."""
    usual = tempfile.gettempdir()
    is_short = len(os.fsencode(usual)) + _ROOM_FOR_NAMES <= LONGEST_SOCKET_PATH
    return Path(tempfile.mkdtemp(prefix=prefix, dir=usual if is_short else "/tmp"))  # noqa: S108 - the one short place of every Unix; the folder is private
