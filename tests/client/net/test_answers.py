"""Whatever answers: a struct, or one of our errors with a code, in time (F08, F21)."""

from __future__ import annotations

import time

import msgspec
import pytest

from tests.helpers.certificates import CERTIFICATE, loopback_context
from tests.helpers.raw_server import answering, http
from zhishiyun_client.net.client import ExamClient
from zhishiyun_client.net.wire import Wire
from zhishiyun_client.ports.api import problem_of, retry_after_s
from zhishiyun_protocol.errors import Fixable, Refused, Transient, ZhishiyunError
from zhishiyun_protocol.messages.entering import Problem, TimeAnswer, TimeQuestion
from zhishiyun_protocol.messages.sitting import HelpKind, HelpQuestion

JSON = "Content-Type: application/json"
HTML = "Content-Type: text/html"
QUESTION = TimeQuestion(sent_us=5)


def _asked(url: str, session: str = "") -> TimeAnswer:
    wire = Wire(url)
    try:
        return ExamClient(wire, session).ask_time(QUESTION)
    finally:
        wire.close()


def _failure(*script: bytes | float) -> ZhishiyunError:
    with answering(*script) as server, pytest.raises(ZhishiyunError) as caught:
        _asked(server.url)
    assert caught.value.zh
    return caught.value


def test_a_good_answer_is_a_struct():
    answer = TimeAnswer(sent_us=5, server_received_us=6, server_sent_us=7)

    with answering(http("200 OK", msgspec.json.encode(answer), JSON)) as server:
        assert _asked(server.url) == answer


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (http("200 OK", b"", JSON), "SERVER_NONSENSE"),
        (http("200 OK", b"null", JSON), "SERVER_NONSENSE"),
        (http("200 OK", b'{"sent_us": "x"}', JSON), "SERVER_NONSENSE"),
        (http("200 OK", b'{"sent_us": 1', JSON), "SERVER_NONSENSE"),
        (http("200 OK", b"\xff\xfe\x00", JSON), "SERVER_NONSENSE"),
        (http("200 OK", b"x" * 9_000_000, JSON), "SERVER_NONSENSE"),
        (http("200 OK", b"<!DOCTYPE html><p>Sign in", JSON), "NETWORK_CAPTIVE"),
        (http("200 OK", b"Welcome to the hotel", HTML), "NETWORK_CAPTIVE"),
        (http("302 Found", b"", "Location: http://127.0.0.1:1/"), "NETWORK_CAPTIVE"),
        (http("511 Network Authentication Required", b"pay", HTML), "NETWORK_CAPTIVE"),
        (http("404 Not Found", b"<html>", HTML), "NETWORK_CAPTIVE"),
        (http("407 Proxy Authentication Required", b""), "NETWORK_PROXY"),
        (http("500 Internal Server Error", b"oops"), "SERVER_FAULT"),
        (http("502 Bad Gateway", b"<html>nginx", HTML), "SERVER_FAULT"),
        (http("503 Service Unavailable", b"<html>", HTML), "SERVER_BUSY"),
        (http("429 Too Many Requests", b""), "SERVER_BUSY"),
        (b"SSH-2.0-OpenSSH_9\r\n\r\n", "SERVER_NONSENSE"),
    ],
)
def test_nonsense_has_a_code_and_may_be_tried_again(answer, code):
    error = _failure(answer)

    assert isinstance(error, Transient)
    assert error.code == code


def test_an_answer_that_stops_half_way_is_none():
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf") as server:
        wire = Wire(server.url)
        with pytest.raises(Transient) as caught:
            wire.send("GET", "/", headers={}, within_s=0.5)
        wire.close()

    assert caught.value.code == "SERVER_SILENT"


def test_the_servers_own_words_come_with_a_refusal():
    problem = Problem(code="KEY_NOT_YET", message="wait", zh="未开始", opens_us=77)

    error = _failure(http("425 Too Early", msgspec.json.encode(problem), JSON))

    assert isinstance(error, Refused)
    assert error.code == "KEY_NOT_YET"
    assert error.zh == "未开始"
    assert problem_of(error) == problem


def test_a_refusal_without_words_is_still_a_refusal():
    error = _failure(http("403 Forbidden", b"no"))

    assert isinstance(error, Refused)
    assert error.code == "SERVER_REFUSED"
    assert problem_of(error) is None


@pytest.mark.parametrize(
    ("headers", "problem_s", "asked_s"),
    [
        (("Retry-After: 7",), None, 7.0),
        (("Retry-After: 7",), 2.5, 2.5),
        (
            ("Date: Mon, 23 Nov 2026 10:00:00 GMT", "Retry-After: Mon, 23 Nov 2026 10:00:30 GMT"),
            None,
            30.0,
        ),
        (("Retry-After: soon",), None, None),
        ((), None, None),
    ],
)
def test_when_to_try_again_is_heard(headers, problem_s, asked_s):
    body = b""
    if problem_s is not None:
        problem = Problem(code="TOO_MANY", message="m", zh="z", retry_after_s=problem_s)
        body = msgspec.json.encode(problem)

    error = _failure(http("429 Too Many Requests", body, *headers))

    assert retry_after_s(error) == asked_s


@pytest.mark.parametrize(
    "script",
    [
        pytest.param([30.0], id="silence"),
        pytest.param([b"HTTP/1.1 200 OK\r\n", *[b"X: y\r\n", 0.05] * 600], id="dripping headers"),
        pytest.param(
            [b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", *[b"x", 0.05] * 600],
            id="dripping body",
        ),
    ],
)
def test_no_request_outlives_its_deadline(script):
    with answering(*script) as server:
        wire = Wire(server.url)
        began_s = time.monotonic()

        with pytest.raises(Transient) as caught:
            wire.send("GET", "/", headers={}, within_s=0.6)

        assert caught.value.code == "SERVER_SILENT"
        assert 0.5 < time.monotonic() - began_s < 20  # of the 30 it would drip
        wire.close()


def test_a_server_that_does_not_listen_is_a_network_that_is_down():
    with pytest.raises(Transient) as caught:
        _asked("http://127.0.0.1:9")

    assert caught.value.code == "NETWORK_DOWN"


def test_a_name_that_cannot_be_looked_up_is_a_network_that_is_down():
    with pytest.raises(Transient) as caught:
        _asked("https://exam.invalid")

    assert (caught.value.code, caught.value.facts["reason"]) == ("NETWORK_DOWN", "name")


def test_a_certificate_that_nobody_vouches_for_is_not_spoken_to(tmp_path):
    with answering(http("200 OK", b"{}"), context=loopback_context(tmp_path)) as server:
        with pytest.raises(Transient) as caught:
            _asked(server.url)

        assert caught.value.code == "TLS_UNTRUSTED"
        assert server.requests == []


def test_an_extra_certificate_file_makes_its_server_trusted(tmp_path):
    answer = TimeAnswer(sent_us=5, server_received_us=6, server_sent_us=7)
    body = http("200 OK", msgspec.json.encode(answer), JSON)
    with answering(body, context=loopback_context(tmp_path)) as server:
        wire = Wire(server.url, tmp_path / CERTIFICATE)

        assert ExamClient(wire).ask_time(QUESTION) == answer
        wire.close()


@pytest.mark.parametrize(
    "url",
    ["http://exam.example", "ftp://127.0.0.1", "https://", "https://u:p@host", "", "https://h:x"],
)
def test_addresses_that_are_not_safe_are_refused(url):
    with pytest.raises(Refused) as caught:
        Wire(url)

    assert caught.value.code == "SERVER_ADDRESS"


def test_a_certificate_file_that_is_none_is_said(tmp_path):
    path = tmp_path / "ca.pem"
    path.write_text("no certificate")

    with pytest.raises(Fixable) as caught:
        Wire("https://exam.example", path)

    assert caught.value.code == "CA_FILE_UNREADABLE"


def test_secrets_travel_in_the_bearer_header_only(caplog):
    caplog.set_level("DEBUG", logger="zhishiyun_client")
    question = HelpQuestion(id="q", kind=HelpKind.TEXT, text="words", at_us=1)
    with answering(http("201 Created", b'{"messages":[]}', JSON)) as server:
        wire = Wire(server.url)
        ExamClient(wire, "the-session").ask_help(question)
        wire.close()

    head = server.requests[0].split(b"\r\n\r\n")[0]
    assert head.split(b"\r\n")[0] == b"POST /v1/me/help HTTP/1.1"
    assert head.count(b"the-session") == 1
    assert b"Authorization: Bearer the-session" in head
    assert "the-session" not in caplog.text
    assert "words" not in caplog.text


def test_a_kept_connection_that_the_server_closed_is_replaced_silently():
    answer = TimeAnswer(sent_us=5, server_received_us=6, server_sent_us=7)
    body = http("200 OK", msgspec.json.encode(answer), JSON)
    with answering(body) as server:
        wire = Wire(server.url)
        client = ExamClient(wire)
        client.ask_time(QUESTION)
        for connection in server.open_connections:
            connection.close()

        assert client.ask_time(QUESTION) == answer
        wire.close()
