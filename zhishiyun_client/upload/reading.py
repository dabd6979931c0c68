"""Reads and hashes what is cut from the log; of large pieces two at a time."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from zhishiyun_client.runtime.refusals import Refusal, held, refusal_of
from zhishiyun_client.runtime.trays import Line
from zhishiyun_client.runtime.worker import Report, Worker
from zhishiyun_protocol.errors import Broken, ZhishiyunError

LARGE_BYTES = 256 * 1024  # a line that carries less than this a chunk never waits for a digest
STEP_BYTES = 256 * 1024
"""So much is read and hashed at a time, while the processor still has it, and kept as it was read:
a quarter less than reading two MiB and hashing them afterwards, and nobody copies it to send it."""

_GLANCE_S = 0.25

Stretch = tuple[int, int]  # [first byte, end)
Data = tuple[bytes, ...]  # one behind the other


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of the log, and their digest (SHA-256, hex)."""

    stretch: Stretch
    data: Data = field(repr=False)
    sha256: str


def read_piece(path: Path, stretch: Stretch) -> Piece:
    """Read and hash one piece.

    Raises:
        Broken: LOG_UNREADABLE. Transient: LOG_HELD by another program.
    """
    first, end = stretch
    sha256, data = hashlib.sha256(), []
    try:
        with path.open("rb", buffering=0) as file:
            file.seek(first)
            while first < end and (step := file.read(min(STEP_BYTES, end - first))):
                sha256.update(step)
                data.append(step)
                first += len(step)
    except OSError as error:
        if refusal_of(error) is Refusal.HELD:
            raise held(path) from error
        raise _unreadable(stretch[0], error) from error
    if first != end:
        raise _unreadable(stretch[0], None)
    return Piece(stretch, tuple(data), sha256.hexdigest())


class Reader:
    """Reads on the caller's thread, and the piece behind it meanwhile on another.

    On a fast line one core's digests are what an upload waits for. Thread: one calls.
    """

    def __init__(self, path: Path, report: Report) -> None:
        self._path = path
        self._report = report
        self._helper: _Helper | None = None
        self._coming: Stretch | None = None

    def read(self, stretch: Stretch, following: Callable[[], Stretch | None]) -> Piece:
        """Read and hash one piece.

        Args:
            following: what will probably be asked for next; only asked when it is worth it.

        Raises:
            Broken: LOG_UNREADABLE. Transient: LOG_HELD by another program.
        """
        piece = self._arrived(stretch)
        if piece is not None:
            return piece
        if stretch[1] - stretch[0] >= LARGE_BYTES:
            self._begin(following())
        return read_piece(self._path, stretch)

    def close(self) -> None:
        """End the other thread."""
        if self._helper is not None:
            self._helper.ask_to_stop()

    def _begin(self, stretch: Stretch | None) -> None:
        if stretch is None or stretch[1] - stretch[0] < LARGE_BYTES:
            return
        if self._helper is None or not self._helper.is_running:
            self._helper = _Helper(self._path, self._report)
            self._helper.start()
        self._coming = stretch
        self._helper.asked.put(stretch)

    def _arrived(self, stretch: Stretch) -> Piece | None:
        """What was begun, if that is what is wanted; whatever went wrong there is tried here."""
        coming, self._coming = self._coming, None
        if coming is None or self._helper is None:
            return None
        piece = self._helper.wait_for_piece()
        return piece if piece is not None and piece.stretch == stretch else None


class _Helper(Worker):
    """Thread "log-reader": one piece at a time, and as many answers as questions."""

    def __init__(self, path: Path, report: Report) -> None:
        super().__init__("log-reader", report)
        self._path = path
        self.asked: Line[Stretch] = Line(1)
        self._done: Line[Piece | ZhishiyunError] = Line(1)

    def turn(self, stop: threading.Event) -> None:
        """Read one piece."""
        stretch = self.asked.take(_GLANCE_S)
        if stretch is None:
            return
        try:
            self._done.put(read_piece(self._path, stretch))
        except ZhishiyunError as error:
            self._done.put(error)

    def wait_for_piece(self) -> Piece | None:
        """The answer; None when it could not be read, or nobody reads any more."""
        said = self._done.take(0)
        while said is None and self.is_running:
            said = self._done.take(_GLANCE_S)
        return said if isinstance(said, Piece) else None

    def leave(self) -> None:
        """Nobody waits for an answer that does not come."""
        self._done.close()


def _unreadable(first: int, error: OSError | None) -> Broken:
    return Broken(
        "LOG_UNREADABLE",
        f"The evidence log cannot be read at byte {first}.",
        f"无法从磁盘读取录制文件（第 {first} 字节）。",
        first_byte=first,
        errno=None if error is None else error.errno,
    )
