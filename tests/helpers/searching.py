"""Looking for a secret in a machine: the memory of running processes and the files of a folder."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

from zhishiyun_protocol.release import code_of, plain
from zhishiyun_protocol.signing import to_text

PIECE_BYTES = 16 * 1024 * 1024
_REGION = re.compile(r"([0-9a-f]+)-([0-9a-f]+) r")


def paper_secrets(server_home: Path) -> tuple[bytes, ...]:
    """Every form in which the server's paper keys could lie about."""
    with contextlib.closing(sqlite3.connect(next(server_home.glob("*.sqlite")))) as database:
        rows = database.execute("select id, key from papers").fetchall()
    found: list[bytes] = []
    for paper_id, key in rows:
        code = code_of(key, paper_id)
        found += [
            key,
            key.hex().encode(),
            to_text(key).encode(),
            code.encode(),
            plain(code).encode(),
        ]
    assert found
    return tuple(found)


def in_memory(pids: Iterable[int], needles: Sequence[bytes]) -> list[int]:
    """The processes whose memory holds any of the needles."""
    return [pid for pid in pids if _holds(pid, needles)]


def on_disk(folder: Path, needles: Sequence[bytes]) -> list[Path]:
    """The files that hold any of the needles."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return [path for path in files if any(needle in path.read_bytes() for needle in needles)]


def _holds(pid: int, needles: Sequence[bytes]) -> bool:
    regions = _REGION.findall(Path(f"/proc/{pid}/maps").read_text())
    longest = max(map(len, needles))
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for first, end in ((int(a, 16), int(b, 16)) for a, b in regions):
            tail = b""
            for at in range(first, end, PIECE_BYTES):
                try:
                    memory.seek(at)
                    piece = memory.read(min(PIECE_BYTES, end - at))
                except (OSError, ValueError, OverflowError):
                    break  # what the kernel itself keeps there
                if any(needle in tail + piece for needle in needles):
                    return True
                tail = piece[-longest:]
    return False
