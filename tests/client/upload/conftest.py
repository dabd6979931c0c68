"""A log, the small server, and a desk that uploads the one to the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.chunk_server import ChunkServer
from tests.helpers.uploading import Desk
from tests.helpers.whole_log import LogMaker
from zhishiyun_client.upload import pump

GROWING_TAIL_S = 0.3  # twenty tests would wait two seconds each, and more than once


@pytest.fixture(autouse=True)
def _no_long_wait_for_a_fuller_chunk(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    if request.node.get_closest_marker("slow") is None:
        monkeypatch.setattr(pump, "TAIL_WAIT_S", GROWING_TAIL_S)


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
