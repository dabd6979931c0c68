"""Attachments, sealed papers and photos: files named by their SHA-256."""

from __future__ import annotations

import hashlib
from pathlib import Path

from zhishiyun_server.keep.durable import write_durably


class Blobs:
    """A folder where content is its own name. Thread: any."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        """Keep `content`; returns its digest, hex."""
        digest = hashlib.sha256(content).hexdigest()
        path = self._folder / digest
        if not path.is_file():
            write_durably(path, content)
        return digest

    def get(self, digest: str) -> bytes:
        """The content of a digest that was put."""
        return (self._folder / digest).read_bytes()

    def forget(self, digest: str) -> None:
        """Remove content that must not be kept longer."""
        (self._folder / digest).unlink(missing_ok=True)
