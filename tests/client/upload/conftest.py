"""A log, the small server, and a desk that uploads the one to the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.chunk_server import ChunkServer
from tests.helpers.uploading import Desk
from tests.helpers.whole_log import LogMaker


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ChunkServer]:
    with ChunkServer(tmp_path / "server") as running:
        yield running


@pytest.fixture
def log(tmp_path: Path) -> Iterator[LogMaker]:
    maker = LogMaker(tmp_path)
    yield maker
    maker.close()


@pytest.fixture
def desk(log: LogMaker, server: ChunkServer) -> Iterator[Desk]:
    desk = Desk(log, server)
    yield desk
    desk.stops()
