"""Where a recorder can be spoken to: one small private file in its home (docs/threads.md)."""

from __future__ import annotations

import os
import secrets
import sys
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import IO, Any

import msgspec

from zhishiyun_client.runtime.durable import replace_durably
from zhishiyun_client.runtime.paths import LONGEST_SOCKET_PATH, socket_folder

LINK_FILE = "recorder.link"
LOCK_FILE = "recorder.lock"
SOCKET_NAME = "recorder.sock"
_KEY_BYTES = 32

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class RecorderAddress(msgspec.Struct, frozen=True, kw_only=True):
    """The content of the link file; only this person can read it."""

    recorder_pid: int
    address: str
    key: str
    preview: str = ""

    def __repr__(self) -> str:
        """Tell no secrets."""
        return f"RecorderAddress({self.recorder_pid})"


def read_address(home: Path) -> RecorderAddress | None:
    """Where the recorder of this home was last; None when there is nothing readable."""
    try:
        return msgspec.json.decode((home / LINK_FILE).read_bytes(), type=RecorderAddress)
    except (OSError, msgspec.DecodeError):
        return None


def listen(home: Path, preview: str) -> Listener:
    """Open the door of this process and tell where it is.

    Raises:
        OSError: no socket can be made, or the file cannot be written.
    """
    key = secrets.token_bytes(_KEY_BYTES)
    address = _address(home)
    family = "AF_PIPE" if sys.platform == "win32" else "AF_UNIX"
    listener = Listener(address, family=family, authkey=key)
    if sys.platform != "win32":
        Path(address).chmod(0o600)
    told = RecorderAddress(
        recorder_pid=os.getpid(), address=address, key=key.hex(), preview=preview
    )
    replace_durably(home / LINK_FILE, msgspec.json.encode(told))
    return listener


def connect(address: RecorderAddress) -> Connection:
    """Speak to the recorder.

    Raises:
        OSError, EOFError: nobody is there.
        multiprocessing.AuthenticationError: somebody else is there.
    """
    opened: Any = Client(address.address, authkey=bytes.fromhex(address.key))
    connection: Connection = opened  # on Windows a pipe with the same methods
    return connection


def take_lock(home: Path) -> IO[bytes] | None:
    """The one recorder's lock; None when another one has it. It ends with the process."""
    file = (home / LOCK_FILE).open("ab")
    try:
        if sys.platform == "win32":
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file


def _address(home: Path) -> str:
    if sys.platform == "win32":
        return rf"\\.\pipe\zhishiyun-{secrets.token_hex(8)}"
    path = home / SOCKET_NAME
    if len(os.fsencode(path)) > LONGEST_SOCKET_PATH:
        path = socket_folder("zsy-") / SOCKET_NAME
    path.unlink(missing_ok=True)
    return str(path)
