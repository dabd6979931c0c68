"""Which way a request takes: the system's proxy, or straight; loopback always straight."""

from __future__ import annotations

import threading

import pytest

from tests.helpers.certificates import CERTIFICATE, loopback_context
from tests.helpers.connect_proxy import ConnectProxy
from tests.helpers.raw_server import answering, http
from tests.helpers.waits import wait_until
from zhishiyun_client.net.routes import is_loopback, proxy_for
from zhishiyun_client.net.wire import Wire
from zhishiyun_protocol.errors import Transient


@pytest.fixture(autouse=True)
def _no_proxy_of_this_system(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]"])
def test_loopback_is_recognised(host):
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["exam.example", "10.0.0.1", "127.0.0.1.example", ""])
def test_everything_else_is_not(host):
    assert not is_loopback(host)


def test_the_systems_proxy_is_honoured(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")

    assert proxy_for("https", "exam.example") == "http://proxy.example:3128"
    assert proxy_for("http", "exam.example") is None
    assert proxy_for("https", "127.0.0.1") is None


def test_exceptions_of_the_system_are_honoured(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "exam.example")

    assert proxy_for("https", "exam.example") is None
    assert proxy_for("https", "other.example") is not None


def test_a_proxy_of_a_kind_that_is_not_spoken_is_left_aside(monkeypatch):
    monkeypatch.setenv("https_proxy", "socks5://proxy.example:1080")

    assert proxy_for("https", "exam.example") is None


def test_requests_to_loopback_never_see_the_proxy(monkeypatch):
    with answering(http("200 OK", b"server")) as server, answering(http("502 Bad", b"")) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        wire = Wire(server.url)

        reply = wire.send("GET", "/", headers={})
        wire.close()

    assert reply.body == b"server"
    assert proxy.requests == []


def test_requests_to_a_store_go_through_the_proxy(monkeypatch):
    with answering(http("200 OK", b"by proxy")) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        wire = Wire("http://127.0.0.1:9")

        reply = wire.send("PUT", "http://store.example/chunk", headers={}, body=b"x")
        wire.close()

    assert reply.body == b"by proxy"
    assert proxy.requests[0].startswith(b"PUT http://store.example/chunk HTTP/1.1")


def test_https_goes_through_a_tunnel_and_is_verified_behind_it(monkeypatch, tmp_path):
    context = loopback_context(tmp_path)
    secure = answering(http("200 OK", b"server"), context=context)
    with secure as server, ConnectProxy(server.port) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        trusting = Wire("https://exam.example", tmp_path / CERTIFICATE)
        wary = Wire("https://exam.example")

        assert trusting.send("GET", "/", headers={}).body == b"server"
        with pytest.raises(Transient) as caught:
            wary.send("GET", "/", headers={})
        trusting.close()
        wary.close()

    assert caught.value.code == "TLS_UNTRUSTED"
    assert proxy.asked == [b"CONNECT exam.example:443 HTTP/1.1"] * 2


def test_a_proxy_that_wants_a_password_is_named(monkeypatch):
    refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
    with answering(b"") as server, ConnectProxy(server.port, refusal) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        wire = Wire("https://exam.example")

        with pytest.raises(Transient) as caught:
            wire.send("GET", "/", headers={})
        wire.close()

    assert caught.value.code == "NETWORK_PROXY"


def test_closing_ends_requests_that_wait(tmp_path):
    with answering(30.0) as server:
        wire = Wire(server.url)
        outcome: list[Transient] = []

        def ask() -> None:
            try:
                wire.send("GET", "/", headers={}, within_s=20, silence_s=20)
            except Transient as error:
                outcome.append(error)

        asking = threading.Thread(target=ask)
        asking.start()
        wait_until(lambda: server.requests)
        wire.close()
        asking.join(3)

        assert [error.code for error in outcome] == ["NETWORK_DOWN"]
        with pytest.raises(Transient):
            wire.send("GET", "/", headers={})
