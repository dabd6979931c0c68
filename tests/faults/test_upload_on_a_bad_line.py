"""Cut, slow, silent and lying lines: afterwards the server's bytes are the log's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.chunk_server import ChunkServer
from tests.helpers.flaky_proxy import FlakyProxy
from tests.helpers.uploading import Desk
from tests.helpers.waits import wait_until
from tests.helpers.whole_log import LogMaker
from zhishiyun_client.upload.gauge import LARGEST_BYTES

pytestmark = pytest.mark.faults

MOST_IN_FLIGHT = 3


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ChunkServer]:
    with ChunkServer(tmp_path / "server") as running:
        yield running


@pytest.fixture
def proxy(server: ChunkServer) -> Iterator[FlakyProxy]:
    with FlakyProxy(server.port) as running:
        yield running


@pytest.fixture
def log(tmp_path: Path) -> Iterator[LogMaker]:
    maker = LogMaker(tmp_path)
    yield maker
    maker.close()


@pytest.fixture
def desk(log: LogMaker, server: ChunkServer, proxy: FlakyProxy) -> Iterator[Desk]:
    desk = Desk(log, server)
    yield desk
    desk.stops()


def _is_whole(desk: Desk) -> None:
    assert desk.server.ledger.bytes() == desk.log.path.read_bytes()
    assert desk.alarms == []


def test_resets_every_second_lose_nothing(desk, log, server, proxy):
    proxy.weather.rate_bytes_s = 1_000_000
    proxy.weather.cut_every_s = 1.0
    seal = log.packets(130, 20_000).end()

    desk.uploads(proxy.url).finish(seal)
    desk.gets_receipt(60)

    _is_whole(desk)
    assert proxy.connections > 3


@pytest.mark.slow
def test_chunks_too_long_for_a_line_that_keeps_being_cut_get_smaller(desk, log, server, proxy):
    """A first chunk of 256 KiB can never pass 100 kB/s that is cut every second."""
    proxy.weather.rate_bytes_s = 100_000
    proxy.weather.cut_every_s = 1.0
    seal = log.packets(35, 10_000).end()

    desk.uploads(proxy.url).finish(seal)
    desk.gets_receipt(90)

    _is_whole(desk)
    assert max(end - first for first, end in server.ledger.chunks()) <= 110_000


@pytest.mark.slow
def test_a_black_hole_is_noticed_and_left(desk, log, server, proxy):
    log.packets(100, 20_000)
    uploader = desk.uploads(proxy.url)
    wait_until(lambda: server.ledger.received_bytes > 0)
    proxy.weather.is_hole = True
    seal = log.packets(100, 20_000).end()
    uploader.finish(seal)
    wait_until(lambda: desk.progress and desk.progress[-1].cause, 40, "the hole is noticed")
    proxy.weather.is_hole = False
    proxy.reset_all()

    desk.gets_receipt(60)

    _is_whole(desk)
    assert any(p.cause in ("SERVER_SILENT", "NETWORK_DOWN") for p in desk.progress)


def test_a_network_that_is_gone_for_a_while_is_waited_for(desk, log, server, proxy):
    proxy.weather.is_refusing = True
    seal = log.packets(50, 20_000).end()
    desk.uploads(proxy.url).finish(seal)
    wait_until(lambda: any(p.attempt_number >= 3 for p in desk.progress))
    assert server.ledger.received_bytes == 0

    proxy.weather.is_refusing = False
    desk.gets_receipt(30)

    _is_whole(desk)


def test_a_lost_answer_to_a_delivered_chunk_does_no_harm(desk, log, server, proxy):
    uploader = desk.uploads(proxy.url)
    log.packets(30, 20_000)
    wait_until(lambda: server.ledger.ranges() == [(0, log.durable_bytes())])
    log.packets(30, 20_000)
    proxy.weather.swallow_answers = 2

    uploader.finish(log.end())
    desk.gets_receipt(30)

    _is_whole(desk)
    assert proxy.weather.swallow_answers == 0


def test_resets_in_the_middle_of_bodies_cost_at_most_what_was_in_flight(desk, log, server, proxy):
    proxy.weather.rate_bytes_s = 2_000_000
    seal = log.packets(300, 20_000).end()
    desk.uploads(proxy.url).finish(seal)
    resets = 0
    for share in (0.2, 0.4, 0.6, 0.8):
        wait_until(lambda share=share: proxy.up_bytes > share * seal.length, 30)
        proxy.reset_all()
        resets += 1
    desk.gets_receipt(60)

    _is_whole(desk)
    assert proxy.up_bytes < seal.length + resets * MOST_IN_FLIGHT * LARGEST_BYTES
    assert max(server.ledger.puts.values()) <= 1 + resets


def test_altered_bytes_are_refused_and_sent_again(desk, log, server, proxy):
    server.ledger.temper.next_puts = [(400, b'{"code":"DIGEST_WRONG","message":"m","zh":"z"}', {})]
    seal = log.packets(10, 10_000).end()

    desk.uploads(proxy.url).finish(seal)
    desk.gets_receipt(30)

    _is_whole(desk)


def test_a_sign_in_page_is_recognised_and_outlived(desk, log, server, proxy):
    page = (200, b"<!DOCTYPE html><html>Sign in</html>", {"Content-Type": "text/html"})
    server.ledger.temper.next_puts = [page]
    server.ledger.temper.next_others = [page]
    seal = log.packets(10, 10_000).end()

    desk.uploads(proxy.url).finish(seal)
    wait_until(lambda: any(p.cause == "NETWORK_CAPTIVE" for p in desk.progress))
    desk.gets_receipt(30)

    _is_whole(desk)
