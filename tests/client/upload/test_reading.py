"""Large pieces are read two at a time, and whatever happens there each piece is the log's."""

from __future__ import annotations

import errno
import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.waits import wait_until
from zhishiyun_client.runtime.worker import Crashed
from zhishiyun_client.upload import reading
from zhishiyun_client.upload.reading import LARGE_BYTES, Piece, Reader, Stretch, read_piece
from zhishiyun_protocol.errors import Broken, Transient

COUNT = 8
HELPER = "log-reader"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "attempt-1.zlog"
    made.write_bytes(bytes(number % 251 for number in range(7)) * (COUNT * LARGE_BYTES // 7 + 7))
    return made


@pytest.fixture
def reports() -> list[object]:
    return []


@pytest.fixture
def reader(path: Path, reports: list[object]) -> Iterator[Reader]:
    made = Reader(path, reports.append)
    yield made
    made.close()
    wait_until(lambda: not _helps(), 5)


class Watched:
    """Which thread read what."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.threads: list[str] = []
        self.error: Exception | None = None
        self._lock = threading.Lock()
        monkeypatch.setattr(reading, "read_piece", self._read)

    def _read(self, path: Path, stretch: Stretch) -> Piece:
        name = threading.current_thread().name
        with self._lock:
            self.threads.append(name)
        if self.error is not None and name == HELPER:
            raise self.error
        return read_piece(path, stretch)


def _helps() -> bool:
    return any(thread.name == HELPER for thread in threading.enumerate())


def _stretch(number: int, length: int = LARGE_BYTES) -> Stretch:
    return number * length, (number + 1) * length


def _is_right(piece: Piece, path: Path, stretch: Stretch) -> bool:
    data = path.read_bytes()[stretch[0] : stretch[1]]
    return (piece.stretch, b"".join(piece.data), piece.sha256) == (
        stretch,
        data,
        hashlib.sha256(data).hexdigest(),
    )


def _read_all(reader: Reader, path: Path, length: int = LARGE_BYTES) -> None:
    for number in range(COUNT):
        after = _stretch(number + 1, length) if number + 1 < COUNT else None
        piece = reader.read(_stretch(number, length), lambda after=after: after)
        assert _is_right(piece, path, _stretch(number, length))


def test_every_second_large_piece_is_read_beside(
    reader: Reader, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = Watched(monkeypatch)

    _read_all(reader, path)

    assert watched.threads.count(HELPER) == COUNT / 2
    assert len(watched.threads) == COUNT


def test_small_pieces_need_no_thread(reader: Reader, path: Path) -> None:
    _read_all(reader, path, 1000)

    assert not _helps()


def test_what_was_read_beside_and_is_not_wanted_is_left(reader: Reader, path: Path) -> None:
    reader.read(_stretch(0), lambda: _stretch(1))

    other = (LARGE_BYTES, LARGE_BYTES + 5000)
    assert _is_right(reader.read(other, lambda: None), path, other)
    assert _is_right(reader.read(_stretch(2), lambda: _stretch(3)), path, _stretch(2))
    assert _is_right(reader.read(_stretch(3), lambda: None), path, _stretch(3))


@pytest.mark.parametrize(
    "error",
    [Transient("LOG_HELD", "held", "占用"), RuntimeError("broken")],
    ids=["held", "crashed"],
)
def test_what_went_wrong_beside_is_tried_here(
    reader: Reader,
    path: Path,
    reports: list[object],
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    watched = Watched(monkeypatch)
    watched.error = error

    _read_all(reader, path)

    assert watched.threads.count(threading.current_thread().name) == COUNT
    expects_a_report = isinstance(error, RuntimeError)
    assert any(isinstance(said, Crashed) for said in reports) is expects_a_report


def test_a_log_that_is_too_short_is_told_as_such(reader: Reader, path: Path) -> None:
    beyond = path.stat().st_size

    with pytest.raises(Broken, match="LOG_UNREADABLE"):
        reader.read((beyond - 10, beyond + 10), lambda: None)


def test_a_held_log_is_told_as_held(
    reader: Reader, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(*_: Any, **_more: Any) -> None:
        raise PermissionError(errno.EACCES, "held")

    monkeypatch.setattr("pathlib.Path.open", held)

    with pytest.raises(Transient, match="LOG_HELD"):
        reader.read(_stretch(0), lambda: None)
