"""The worst networks one by one, to the real server: bytes equal, nothing twice, receipt, chain.

Whole cuts of minutes are a campaign (`make campaign-line`); here the lengths are short.
"""

from __future__ import annotations

import contextlib
import random
import signal
import sqlite3
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.helpers.certificates import loopback_context
from tests.helpers.connect_proxy import ConnectProxy
from tests.helpers.flaky_proxy import FlakyProxy, Weather
from tests.helpers.raw_server import answering, http
from tests.helpers.repeating_proxy import RepeatingProxy
from tests.helpers.seat import Seat
from tests.helpers.waits import wait_until
from tests.server.rig import ExamHome, make_exam, serving
from zhishiyun_client.ports.uploading import Progress
from zhishiyun_client.upload import gauge

pytestmark = pytest.mark.faults

MOST_IN_FLIGHT = 3
LINES = {
    "20 ms, 20 Mbit/s": (Weather(2_500_000, 64 * 1024, delay_s=0.01), 300),
    "800 ms, 2 Mbit/s": (Weather(250_000, 64 * 1024, delay_s=0.4), 25),
    "200 ms, 128 kbit/s": (Weather(16_000, 64 * 1024, delay_s=0.1), 5),
}
PROXY_REFUSES = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
PAGE = http("200 OK", b"<!DOCTYPE html><html>Sign in</html>", "Content-Type: text/html")


@dataclass
class Field:
    """A server, a seat in its exam, and the bad line between."""

    exam: ExamHome
    folder: Path
    port: int = 0

    def seat(self, packets: int, payload_bytes: int = 12_000) -> Seat:
        with serving(self.exam) as server:
            self.port = int(server.url.rsplit(":", 1)[1])
            return Seat(
                self.exam, server.url, self.folder, packets=packets, payload_bytes=payload_bytes
            )


@pytest.fixture
def field(tmp_path: Path) -> Field:
    return Field(make_exam(tmp_path, starts_at="+600", count=1), tmp_path)


def _is_whole(field: Field, seat: Seat) -> None:
    """Receipt, and the stored bytes are the log's."""
    seat.is_proven()
    chunks = sorted(field.exam.home.rglob("*.chunk"), key=lambda path: int(path.stem.split("-")[0]))
    assert b"".join(path.read_bytes() for path in chunks) == seat.log.data


@pytest.mark.parametrize("name", LINES)
def test_slow_and_distant_lines(field: Field, name: str) -> None:
    weather, packets = LINES[name]
    seat = field.seat(packets)
    with serving(field.exam, "--port", str(field.port)), FlakyProxy(field.port, weather) as proxy:
        with seat.uploading(proxy.url) as uploader:
            uploader.finish(seat.log.seal())
            wait_until(seat.receipt, 60)

        assert proxy.up_bytes < len(seat.log.data) * 1.1 + 30_000, "nothing was sent twice"
    _is_whole(field, seat)


def test_cuts_at_every_phase(field: Field) -> None:
    """Before the first byte, among chunks, before the seal, and while the server checks."""
    seat = field.seat(200)
    with serving(field.exam, "--port", str(field.port)), FlakyProxy(field.port) as proxy:
        proxy.weather.rate_bytes_s = 1_000_000
        proxy.weather.is_refusing = True
        cuts = 0
        with seat.uploading(proxy.url) as uploader:
            for share in (0.0, 0.5, 1.0):
                wait_until(lambda share=share: seat.held_bytes() >= share * len(seat.log.data), 40)
                proxy.weather.is_refusing = True
                proxy.reset_all()
                if share == 1.0:
                    uploader.finish(seat.log.seal())
                _outlives_the_cut(proxy, seat)
                cuts += 1
                if share == 0.5:
                    proxy.weather.swallow_answers = 1
            wait_until(seat.receipt, 40)

        most = len(seat.log.data) + cuts * MOST_IN_FLIGHT * _longest_chunk(field)
        assert proxy.up_bytes < most * 1.05 + 60_000, "nothing twice beyond the chunks in flight"
    _is_whole(field, seat)


def _outlives_the_cut(proxy: FlakyProxy, seat: Seat) -> None:
    """Gone until the uploader has tried in vain twice, then back."""
    begun = len(seat.seen)
    wait_until(lambda: any(r.attempt_number >= 2 for r in _progress(seat, begun)), 20)
    assert _causes(seat, begun) <= {"NETWORK_DOWN", "SERVER_SILENT"}
    proxy.weather.is_refusing = False


def test_a_server_killed_at_any_byte(field: Field) -> None:
    """Twice at chance, whatever it was doing."""
    seat = field.seat(300)
    chance = random.Random(4)
    with FlakyProxy(field.port) as proxy:
        proxy.weather.rate_bytes_s = 2_000_000
        with seat.uploading(proxy.url) as uploader:
            for _ in range(2):
                more = proxy.up_bytes + chance.randrange(1, len(seat.log.data) // 4)
                with serving(field.exam, "--port", str(field.port)) as server:
                    wait_until(lambda more=more: proxy.up_bytes >= more or seat.receipt(), 40)
                    server.popen.send_signal(signal.SIGKILL)
                    server.popen.wait(10)
            with serving(field.exam, "--port", str(field.port)):
                uploader.finish(seat.log.seal())
                wait_until(seat.receipt, 60)
    _is_whole(field, seat)


@pytest.mark.skipif(
    sys.platform != "linux", reason="the limit of a file's size is set with prlimit"
)
def test_a_full_disk_at_the_server_is_told_and_outlived(field: Field) -> None:
    seat = field.seat(4, payload_bytes=700_000)
    with FlakyProxy(field.port) as proxy, seat.uploading(proxy.url) as uploader:
        with serving(field.exam, "--port", str(field.port), largest_file_bytes=600_000):
            wait_until(lambda: "DISK_FULL" in _causes(seat), 30)
        with serving(field.exam, "--port", str(field.port)):
            uploader.retry_now()
            uploader.finish(seat.log.seal())
            wait_until(seat.receipt, 60)
    _is_whole(field, seat)


def test_answers_lost_and_connections_reset_at_chance(field: Field) -> None:
    """Delivered chunks whose answers never come, and resets in the middle of bodies."""
    seat = field.seat(200)
    chance = random.Random(5)
    with serving(field.exam, "--port", str(field.port)), FlakyProxy(field.port) as proxy:
        proxy.weather.rate_bytes_s = 1_500_000
        with seat.uploading(proxy.url) as uploader:
            uploader.finish(seat.log.seal())
            for _ in range(8):
                more = proxy.up_bytes + chance.randrange(20_000, 200_000)
                wait_until(lambda more=more: proxy.up_bytes >= more or seat.receipt(), 30)
                if chance.random() < 0.5:
                    proxy.weather.swallow_answers = 1
                else:
                    proxy.reset_all()
            wait_until(seat.receipt, 60)
    _is_whole(field, seat)


def test_uploads_that_arrive_twice_and_in_the_other_order(
    field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole PUTs repeated, at once and later, and some overtaken by the next: nothing changes."""
    monkeypatch.setattr(gauge, "LARGEST_BYTES", 64 * 1024)  # some twenty PUTs, not six
    seat = field.seat(120)
    with serving(field.exam, "--port", str(field.port)), RepeatingProxy(field.port) as proxy:
        with seat.uploading(proxy.url) as uploader:
            uploader.finish(seat.log.seal())
            wait_until(seat.receipt, 60)
        delivered = proxy.delivered

    assert delivered.overtaken >= 2, "a later chunk came before an earlier one"
    assert len(delivered.repeated) >= 2
    assert {line.split()[1] for line in delivered.repeated} == {"200"}, "already there, no more"
    assert _alarms(field) == []
    _is_whole(field, seat)


def test_what_stands_in_the_way_is_named_and_a_better_line_goes_on(
    field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No such name; a sign-in page for everything; a proxy that refuses; a false certificate."""
    seat = field.seat(4)

    with seat.uploading("https://exam-server.invalid"):
        wait_until(lambda: "NETWORK_DOWN" in _causes(seat), 20)
    with answering(PAGE) as portal, seat.uploading(portal.url):
        wait_until(lambda: "NETWORK_CAPTIVE" in _causes(seat), 20)
    with ConnectProxy(1, PROXY_REFUSES) as proxy, monkeypatch.context() as patch:
        patch.setenv("https_proxy", proxy.url)
        with seat.uploading("https://exam-server.example"):
            wait_until(lambda: "NETWORK_PROXY" in _causes(seat), 20)
    context = loopback_context(field.folder)
    with answering(PAGE, context=context) as false, seat.uploading(false.url):
        wait_until(lambda: "TLS_UNTRUSTED" in _causes(seat), 20)

    port = str(field.port)
    with serving(field.exam, "--port", port) as server, seat.uploading(server.url) as uploader:
        uploader.finish(seat.log.seal())
        wait_until(seat.receipt, 30)
    _is_whole(field, seat)


def _progress(seat: Seat, begun: int = 0) -> list[Progress]:
    return [report for report in list(seat.seen)[begun:] if isinstance(report, Progress)]


def _causes(seat: Seat, begun: int = 0) -> set[str]:
    return {report.cause for report in _progress(seat, begun)} - {""}


def _alarms(field: Field) -> list[str]:
    with contextlib.closing(sqlite3.connect(field.exam.home / "server.sqlite")) as database:
        return [str(row[0]) for row in database.execute("SELECT code FROM alarms")]


def _longest_chunk(field: Field) -> int:
    return max(path.stat().st_size for path in field.exam.home.rglob("*.chunk"))
