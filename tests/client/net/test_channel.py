"""The live channel: clock, news exactly once, and a line that is up or down (design §4, §5)."""

from __future__ import annotations

import time

import pytest

from tests.helpers.flaky_proxy import FlakyProxy
from tests.helpers.live_server import SPEED, LiveServer, answer_to, exam_us, item
from tests.helpers.raw_server import answering, http
from tests.helpers.waits import wait_until
from zhishiyun_client.net import channel
from zhishiyun_client.net.channel import Channel
from zhishiyun_client.net.live_socket import LiveSocket, NoWebSocket
from zhishiyun_client.net.wire import Wire
from zhishiyun_client.ports.line import ClockKnown, Committed, LineDown, LineUp, NewsArrived
from zhishiyun_client.runtime.clock import monotonic_us
from zhishiyun_protocol.errors import Refused, Transient
from zhishiyun_protocol.messages.live import Beat, Heartbeat

SESSION = "the-session"


class HttpHeart:
    """The HTTP way, answered at once by the same healthy server."""

    def __init__(self) -> None:
        self.beats: list[Heartbeat] = []
        self.fails: Transient | Refused | None = None
        self.news = ()

    def heartbeat(self, heartbeat: Heartbeat) -> Beat:
        self.beats.append(heartbeat)
        if self.fails is not None:
            raise self.fails
        return answer_to(heartbeat, self.news)


class Listener:
    """A channel and what it said."""

    def __init__(
        self, url: str, after: int = 0, answer_within_s: float = 10.0, beat_every_s: float = 0.1
    ) -> None:
        self.seen: list[object] = []
        self.http = HttpHeart()
        self.wire = Wire(url)
        self.channel = Channel(
            self.http,
            lambda: LiveSocket.open(url, SESSION, self.wire.context),
            lambda: Heartbeat(sent_us=0, phase="answering"),
            self.seen.append,
            after=after,
            beat_every_s=beat_every_s,
            answer_within_s=answer_within_s,
        )

    def __enter__(self) -> Listener:
        self.channel.start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self.channel.stop(8)
        self.wire.close()

    def of(self, kind: type) -> list:
        return [report for report in list(self.seen) if isinstance(report, kind)]

    @property
    def cursors(self) -> list[int]:
        return [report.news.cursor for report in self.of(NewsArrived)]


@pytest.fixture
def server():
    with LiveServer() as running:
        yield running


def test_the_exams_clock_is_known_within_its_stated_error(server):
    with Listener(server.url) as listener:
        wait_until(lambda: len(listener.of(ClockKnown)) > 5)
        clock = listener.of(ClockKnown)[-1].clock

        local_us = monotonic_us()
        assert abs(clock.now_us(local_us) - exam_us()) <= clock.error_at_us(local_us) + 2_000
        assert clock.speed == SPEED
        assert clock.error_us < 100_000


def test_the_session_travels_in_the_header_and_the_phase_in_the_beat(server):
    with Listener(server.url) as listener:
        wait_until(lambda: listener.of(LineUp))

    assert server.headers == [f"Bearer {SESSION}"]
    assert server.heard[0].phase == "answering"
    assert listener.of(LineUp) == [LineUp("websocket")]
    assert listener.of(Committed) == [Committed(7)]


def test_news_arrives_exactly_once_and_in_order(server):
    server.news = (item(5), item(3), item(4))
    with Listener(server.url, after=3) as listener:
        wait_until(lambda: len(listener.cursors) == 2)
        server.push(item(4), item(6))
        wait_until(lambda: listener.channel.cursor == 6)
        server.push(item(6), item(5))
        heard = len(server.heard)
        wait_until(lambda: len(server.heard) > heard + 2)

    assert listener.cursors == [4, 5, 6]
    assert server.heard[-1].after == 6


def test_news_goes_on_after_a_reconnect_without_repeating(server):
    with FlakyProxy(server.port) as proxy, Listener(proxy.url) as listener:
        server.news = (item(1),)
        wait_until(lambda: listener.cursors == [1])
        proxy.reset_all()
        wait_until(lambda: listener.of(LineDown))
        server.news = (item(1), item(2))
        wait_until(lambda: listener.cursors == [1, 2])

    assert listener.of(LineDown)[0].code == "NETWORK_DOWN"
    assert listener.of(LineUp) == [LineUp("websocket")] * 2


def test_a_silent_socket_is_noticed(server):
    with Listener(server.url, answer_within_s=0.5) as listener:
        wait_until(lambda: listener.of(LineUp))
        server.is_silent = True
        began_s = time.monotonic()
        wait_until(lambda: listener.of(LineDown), 5)
        noticed_s = time.monotonic() - began_s
        server.is_silent = False
        wait_until(lambda: len(listener.of(LineUp)) == 2)

    assert listener.of(LineDown)[0].code == "SERVER_SILENT"
    assert noticed_s < 2


def test_a_black_hole_is_noticed(server):
    with FlakyProxy(server.port) as proxy, Listener(proxy.url, answer_within_s=0.5) as listener:
        wait_until(lambda: listener.of(LineUp))
        proxy.weather.is_hole = True
        wait_until(lambda: listener.of(LineDown), 5)
        proxy.weather.is_hole = False


def test_where_websockets_are_forbidden_the_same_travels_by_http():
    refusal = http("403 Forbidden", b"no upgrades here")
    with answering(refusal) as proxy, Listener(proxy.url) as listener:
        listener.http.news = (item(1), item(2))
        wait_until(lambda: len(listener.http.beats) > 3)

    assert listener.of(LineUp) == [LineUp("http")]
    assert listener.cursors == [1, 2]
    assert listener.of(ClockKnown)
    assert listener.http.beats[-1].after == 2
    assert len(proxy.requests) == 1  # the next try comes after a minute, not with every beat


def test_a_taken_over_session_rests_for_good(server):
    server.close_code = 4001
    with Listener(server.url) as listener:
        wait_until(lambda: listener.of(LineDown))
        assert listener.channel.is_over

    assert listener.of(LineDown)[0].code == "TAKEN_OVER"
    assert len(server.connections) == 1


def test_an_unknown_session_is_said_once():
    body = b'{"code":"SESSION_UNKNOWN","message":"who?","zh":"\xe7\x99\xbb"}'
    refusal = http("401 Unauthorized", body, "Content-Type: application/json")
    with answering(refusal) as server, Listener(server.url) as listener:
        wait_until(lambda: listener.of(LineDown))

    assert [down.code for down in listener.of(LineDown)] == ["SESSION_UNKNOWN"]
    assert listener.http.beats == []


def test_a_long_outage_is_said_once_and_its_end_too(server, monkeypatch):
    monkeypatch.setattr(channel, "WEBSOCKET_SOON_S", 0.2)
    with FlakyProxy(server.port) as proxy:
        proxy.weather.is_refusing = True
        listener = Listener(proxy.url)
        listener.http.fails = Transient("NETWORK_DOWN", "gone")
        with listener:
            wait_until(lambda: len(listener.http.beats) >= 3, 20)
            proxy.weather.is_refusing = False
            wait_until(lambda: LineUp("websocket") in listener.seen, 20)

    assert [down.code for down in listener.of(LineDown)] == ["NETWORK_DOWN"]


def test_a_proxy_that_cuts_websockets_still_carries_http(server, monkeypatch):
    monkeypatch.setattr(channel, "WEBSOCKET_SOON_S", 0.2)
    with FlakyProxy(server.port) as proxy:
        proxy.weather.is_refusing = True
        with Listener(proxy.url) as listener:
            wait_until(lambda: LineUp("http") in listener.seen)
            proxy.weather.is_refusing = False
            wait_until(lambda: LineUp("websocket") in listener.seen)

    assert listener.of(LineDown) == []


def test_a_beat_may_be_asked_for_at_once(server):
    with Listener(server.url, beat_every_s=30.0) as listener:
        wait_until(lambda: len(server.heard) == 1)
        listener.channel.beat_now()

        wait_until(lambda: len(server.heard) == 2, 2)


@pytest.mark.parametrize(
    "answer", [http("200 OK", b"<html>", "Content-Type: text/html"), http("404 Not Found", b"")]
)
def test_a_web_page_is_no_websocket(answer):
    with answering(answer) as server:
        wire = Wire(server.url)

        with pytest.raises(NoWebSocket):
            LiveSocket.open(server.url, SESSION, wire.context)
        wire.close()
