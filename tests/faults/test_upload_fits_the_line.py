"""Chunks and pace follow the line: little is lost to cuts, and nobody is starved (issue 4)."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.helpers.chunk_server import ChunkServer
from tests.helpers.flaky_proxy import FlakyProxy, Weather
from tests.helpers.seat import Seat
from tests.helpers.uploading import Desk
from tests.helpers.waits import wait_until
from tests.helpers.whole_log import LogMaker
from tests.server.rig import make_exam, serving
from zhishiyun_client.net.client import ExamClient
from zhishiyun_client.net.wire import Wire
from zhishiyun_client.runtime.clock import monotonic_us
from zhishiyun_protocol.messages.live import Heartbeat
from zhishiyun_protocol.messages.sitting import HelpKind, HelpQuestion

pytestmark = [pytest.mark.faults, pytest.mark.slow]

CUT_LINE_BYTES_S = 100_000
SLOW_LINE_BYTES_S = 37_500  # 300 kbit/s
ROUTER_BYTES = 256 * 1024  # seven seconds of that line: a router that drops nothing for long
LISTENS_S = 4.0


def test_of_a_line_that_is_cut_every_five_seconds_most_is_used(tmp_path: Path):
    """≥ 85 % of what the line carried stays; how much of its time is used, a campaign measures."""
    log = LogMaker(tmp_path)
    seal = log.packets(130, 8_000).end()  # more than ten seconds: two cuts
    weather = Weather(CUT_LINE_BYTES_S, delay_s=0.015, all_cut_every_s=5.0)
    with ChunkServer(tmp_path / "server") as server, FlakyProxy(server.port, weather) as proxy:
        desk = Desk(log, server)
        desk.uploads(proxy.url).finish(seal)
        wait_until(lambda: proxy.up_bytes)
        began_s = time.monotonic()
        desk.gets_receipt(60)
        took_s = time.monotonic() - began_s
        desk.stops()
        stayed = server.ledger.bytes()
    log.close()

    assert stayed == log.path.read_bytes()
    assert proxy.cuts >= 2
    assert len(stayed) / proxy.up_bytes >= 0.85
    assert len(stayed) / (took_s * CUT_LINE_BYTES_S) >= 0.6, "and the line was hardly idle"


def test_heartbeats_and_help_wait_little_behind_a_backlog_at_300_kbit(tmp_path: Path):
    """All connections share one line and its queue; nobody waits two seconds behind us."""
    exam = make_exam(tmp_path, starts_at="+600", count=1)
    with serving(exam) as server:
        seat = Seat(exam, server.url, tmp_path)
        weather = Weather(SLOW_LINE_BYTES_S, ROUTER_BYTES, delay_s=0.03)
        port = int(server.url.rsplit(":", 1)[1])
        with FlakyProxy(port, weather) as proxy, seat.uploading(proxy.url):
            wait_until(lambda: proxy.up_bytes > 50_000, 20)
            before = proxy.up_bytes
            waits_s = _small_calls(proxy.url, seat.session, LISTENS_S)
            carried = proxy.up_bytes - before

    assert len(waits_s) > 5
    assert max(waits_s) <= 2.0, waits_s
    assert carried > 0.6 * SLOW_LINE_BYTES_S * LISTENS_S, "and the backlog did drain meanwhile"


def test_others_get_their_share_of_a_slow_line(tmp_path: Path):
    """Somebody else in the household uploads as fast as the line lets him: he gets a third."""
    log = LogMaker(tmp_path)
    log.packets(250, 8_000)
    weather = Weather(CUT_LINE_BYTES_S, queue_bytes=32 * 1024, delay_s=0.015)
    with ChunkServer(tmp_path / "server") as server, FlakyProxy(server.port, weather) as proxy:
        desk = Desk(log, server)
        desk.uploads(proxy.url)
        wait_until(lambda: server.ledger.received_bytes > 150_000, 20)
        with _somebody_greedy(proxy.port):
            line, ours = proxy.up_bytes, server.ledger.received_bytes
            wait_until(lambda: proxy.up_bytes - line > 500_000, 30)
            line, ours = proxy.up_bytes - line, server.ledger.received_bytes - ours
        desk.stops()
    log.close()

    assert 0.1 < ours / line <= 2 / 3


@contextmanager
def _somebody_greedy(port: int) -> Iterator[None]:
    """A connection that is written to as fast as it takes bytes."""
    stop = threading.Event()

    def write(sock: socket.socket) -> None:
        sock.sendall(b"PUT /film HTTP/1.1\r\nContent-Length: 100000000\r\n\r\n")
        with contextlib.suppress(OSError):
            while not stop.is_set():
                sock.sendall(b"x" * 4096)

    with socket.create_connection(("127.0.0.1", port)) as sock:
        sock.settimeout(10)
        thread = threading.Thread(target=write, args=(sock,), name="greedy")
        thread.start()
        try:
            yield
        finally:
            stop.set()
            sock.shutdown(socket.SHUT_RDWR)
            thread.join(10)


def _small_calls(url: str, session: str, for_s: float) -> list[float]:
    """Seconds that each heartbeat and each question took."""
    wire, waits_s = Wire(url), []
    client = ExamClient(wire, session)
    ends_s = time.monotonic() + for_s
    number = 0
    while time.monotonic() < ends_s:
        number += 1
        began_s = time.monotonic()
        client.heartbeat(Heartbeat(sent_us=monotonic_us(), phase="answering", recording=True))
        asked_s = time.monotonic()
        client.ask_help(HelpQuestion(id=f"q-{number}", kind=HelpKind.TEXT, text="?", at_us=1))
        waits_s += [asked_s - began_s, time.monotonic() - asked_s]
    wire.close()
    return waits_s
