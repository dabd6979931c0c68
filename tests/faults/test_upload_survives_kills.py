"""Uploader and server killed with SIGKILL half-way: nothing lost, next to nothing sent twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.helpers.chunk_server import ChunkServer
from tests.helpers.flaky_proxy import FlakyProxy
from tests.helpers.uploading import Desk
from tests.helpers.waits import wait_until
from tests.helpers.whole_log import LogMaker

pytestmark = pytest.mark.faults

ROOT = Path(__file__).resolve().parents[2]
MOST_IN_FLIGHT = 3
UPLOADING = """
import sys, threading
from pathlib import Path
from tests.helpers.chunk_server import SERVER_KEY, SESSION
from zhishiyun_client.evidence.finished import FinishedLog
from zhishiyun_client.net.evidence_api import EvidenceClient
from zhishiyun_client.net.wire import Wire
from zhishiyun_client.upload.pump import Uploader

log = Path(sys.argv[2])
Uploader(
    FinishedLog(log, log.stat().st_size),
    EvidenceClient(Wire(sys.argv[1]), SESSION),
    lambda report: None,
    server_key=SERVER_KEY.public_bytes(),
).start()
threading.Event().wait()
"""


@contextmanager
def _process(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    running = subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, env=env, stdout=subprocess.PIPE
    )
    try:
        yield running
    finally:
        running.send_signal(signal.SIGKILL)
        running.wait(10)
        if running.stdout:
            running.stdout.close()


@pytest.fixture
def log(tmp_path: Path) -> Iterator[LogMaker]:
    maker = LogMaker(tmp_path)
    yield maker
    maker.close()


def test_a_killed_uploader_goes_on_where_it_was(log: LogMaker, tmp_path: Path):
    seal = log.packets(300, 20_000).end()
    with ChunkServer(tmp_path / "server") as server, FlakyProxy(server.port) as proxy:
        proxy.weather.rate_bytes_s = 3_000_000
        ledger = server.ledger
        for share in (0.15, 0.4, 0.65):
            with _process("-c", UPLOADING, proxy.url, str(log.path)):
                wait_until(lambda share=share: ledger.received_bytes > share * seal.length, 30)
        desk = Desk(log, server)
        desk.uploads(proxy.url).finish(seal)
        desk.gets_receipt(30)
        desk.stops()

        assert ledger.bytes() == log.path.read_bytes()
        again = sum(count - 1 for count in ledger.puts.values())
        assert again <= 3 * MOST_IN_FLIGHT
        assert desk.alarms == []


def test_a_killed_server_is_waited_for(log: LogMaker, tmp_path: Path):
    folder = tmp_path / "server"
    seal = log.packets(300, 20_000).end()
    with ChunkServer(folder) as first:
        port = first.port
    desk = Desk(log, first)
    program = str(ROOT / "tests/helpers/chunk_server.py")
    with FlakyProxy(port) as proxy:
        proxy.weather.rate_bytes_s = 3_000_000
        for share in (0.0, 0.3, 0.6):
            with _process(program, str(port), str(folder)) as running:
                assert running.stdout
                running.stdout.readline()
                if not desk.is_uploading:
                    desk.uploads(proxy.url)
                wait_until(lambda share=share: _arrived(folder) > share * seal.length, 30)
        with ChunkServer(folder, port) as server:
            desk.uploader.finish(seal)
            desk.gets_receipt(60)
            desk.stops()

            assert server.ledger.bytes() == log.path.read_bytes()
            assert desk.alarms == []


def _arrived(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*.chunk"))
