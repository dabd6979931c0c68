"""Granted chunks on real sockets: however TCP cuts them, whatever stands before and behind."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.helpers.certificates import CERTIFICATE, KEY, loopback_context
from tests.server.rig import Candidate, ExamHome, chunk_headers, make_exam, serving, told, wall_us
from zhishiyun_protocol.messages.evidence import ChunkOffer, GrantRequest, Grants, Held

WAIT_S = 30.0
QUIET_S = 7.0  # the next chunk of a slow line
UNHEARD_S = 2.0
MOST_UNHEARD_BYTES = 200_000_000  # the system's own buffers on both sides take 10 to 30 MB
LENGTH = 700_000  # several reads of the socket


@dataclass
class Desk:
    """A candidate who has entered, and the server's address."""

    candidate: Candidate
    url: str
    folder: Path
    context: ssl.SSLContext | None
    next_byte: int = 0

    def made(self, length: int = LENGTH) -> tuple[int, bytes]:
        """Bytes for the next place."""
        first, self.next_byte = self.next_byte, self.next_byte + length
        return first, os.urandom(length)

    def request(self, first: int, data: bytes, **more: str) -> bytes:
        """A granted PUT as it goes over the wire, head and body."""
        digest = hashlib.sha256(data).hexdigest()
        offer = ChunkOffer(first_byte=first, length=len(data), sha256=digest)
        answer = self.candidate.post("/v1/me/evidence/grants", GrantRequest(chunks=(offer,)))
        (grant,) = told(answer, Grants).grants
        headers = {**grant.headers, "Content-Length": str(len(data)), **more}
        lines = [f"PUT {grant.url} HTTP/1.1", f"Host: {urlsplit(self.url).netloc}"]
        lines += [f"{name}: {text}" for name, text in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode() + data

    @contextlib.contextmanager
    def line(self) -> Iterator[RawLine]:
        """A connection."""
        parts = urlsplit(self.url)
        tcp = socket.create_connection((parts.hostname, parts.port), timeout=WAIT_S)
        tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.context is not None:
            tcp = self.context.wrap_socket(tcp, server_hostname=parts.hostname)
        line = RawLine(tcp)
        with tcp, line.read:
            yield line

    def held(self, first: int, data: bytes) -> bool:
        """Whether the server says that it holds these bytes."""
        ranges = told(self.candidate.get("/v1/me/evidence"), Held).ranges
        return any(a <= first and first + len(data) <= b for a, b in ranges)


class RawLine:
    """Sends bytes as they are, reads whole answers."""

    def __init__(self, tcp: socket.socket) -> None:
        self.tcp = tcp
        self.read = tcp.makefile("rb")

    def answer(self) -> tuple[int, dict[str, object], dict[str, str]]:
        """(status, JSON, headers)."""
        status = int(self.read.readline().split()[1])
        headers = {}
        while line := self.read.readline().strip().decode():
            name, _, text = line.partition(":")
            headers[name.lower()] = text.strip()
        body = self.read.read(int(headers["content-length"]))
        return status, json.loads(body), headers

    def is_closed(self) -> bool:
        """Whether the server has hung up."""
        return self.read.read(1) == b""


@pytest.fixture(scope="module", params=["plain", "tls"])
def desk(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("intake")
    exam = make_exam(folder, starts_at="+600", count=1)
    more, context = (), None
    if request.param == "tls":
        loopback_context(folder)
        more = ("--tls-cert", str(folder / CERTIFICATE), "--tls-key", str(folder / KEY))
        context = ssl.create_default_context(cafile=str(folder / CERTIFICATE))
    verify = context or True
    with (
        serving(exam, *more) as server,
        httpx.Client(base_url=server.url, verify=verify, timeout=WAIT_S) as http,
    ):
        candidate = _entered(exam, server.url, http)
        yield Desk(candidate, server.url, exam.home / "evidence" / candidate.attempt_id, context)


def _entered(exam: ExamHome, url: str, http: httpx.Client) -> Candidate:
    candidate = Candidate(http, exam.tickets(url)[0], wall_us).log_in().get_ready()
    candidate.enter()
    return candidate


@pytest.mark.parametrize("piece_bytes", [1_000, 65_537, LENGTH * 2])
def test_a_body_is_whole_however_it_is_cut(desk: Desk, piece_bytes: int) -> None:
    first, data = desk.made()
    sent = desk.request(first, data)
    with desk.line() as line:
        for at in range(0, len(sent), piece_bytes):
            line.tcp.sendall(sent[at : at + piece_bytes])
        status, told_back, headers = line.answer()

    assert status == 201
    assert told_back == {"first_byte": first, "length": len(data), "already": False}
    assert headers["cache-control"] == "no-store"
    assert "date" in headers
    assert desk.held(first, data)
    name = f"{first:015d}-{hashlib.sha256(data).hexdigest()}.chunk"
    assert (desk.folder / name).read_bytes() == data


def test_requests_that_do_not_wait_are_answered_in_their_order(desk: Desk) -> None:
    small, large = desk.made(1_000), desk.made()
    question = (
        f"GET /v1/me/evidence HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: {desk.candidate.bearer['Authorization']}\r\n\r\n"
    ).encode()
    with desk.line() as line:
        line.tcp.sendall(desk.request(*small) + question + desk.request(*large) + question)
        answers = [line.answer() for _ in range(4)]

    assert [status for status, _, _ in answers] == [201, 200, 201, 200]
    assert [answers[n][1]["first_byte"] for n in (0, 2)] == [small[0], large[0]]
    assert "ranges" in answers[1][1]
    assert "ranges" in answers[3][1]


def test_other_bytes_than_granted_are_refused_and_the_line_goes_on(desk: Desk) -> None:
    first, data = desk.made()
    good = desk.request(first, data)
    with desk.line() as line:
        line.tcp.sendall(good[:-1] + bytes([good[-1] ^ 1]))
        altered = line.answer()
        line.tcp.sendall(good)
        kept = line.answer()
        line.tcp.sendall(good)
        again = line.answer()

    assert (altered[0], altered[1]["code"]) == (400, "DIGEST_WRONG")
    assert altered[2]["x-content-type-options"] == "nosniff"
    assert (kept[0], again[0]) == (201, 200)
    assert again[1]["already"] is True


def test_a_place_that_was_taken_meanwhile_is_a_conflict(desk: Desk) -> None:
    first, data = desk.made()
    mine, other = desk.request(first, data), desk.request(first, data[:-1] + b"?")
    with desk.line() as line:
        line.tcp.sendall(mine)
        kept = line.answer()
        line.tcp.sendall(other)
        refused = line.answer()

    assert kept[0] == 201
    assert (refused[0], refused[1]["code"]) == (409, "EVIDENCE_CONFLICT")
    assert len(list(desk.folder.glob(f"{first:015d}-*"))) == 1


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("X-Grant", "AAAA.AAAA", "GRANT_WRONG"),
        ("If-None-Match", '"x"', "PRECONDITION_MISSING"),
        ("Content-Digest", "md5=:AA==:", "DIGEST_MISSING"),
        ("Content-Digest", chunk_headers(b"else")["Content-Digest"], "GRANT_WRONG"),
    ],
)
def test_what_is_odd_is_refused_by_its_name(desk: Desk, name: str, text: str, code: str) -> None:
    first, data = desk.made()
    with desk.line() as line:
        line.tcp.sendall(desk.request(first, data, **{name: text}))
        _, problem, _ = line.answer()

    assert problem["code"] == code
    assert not desk.held(first, data)


def test_whoever_closes_after_the_answer_is_told_so(desk: Desk) -> None:
    first, data = desk.made()
    with desk.line() as line:
        line.tcp.sendall(desk.request(first, data, Connection="close"))
        status, _, headers = line.answer()

        assert (status, headers["connection"]) == (201, "close")
        assert line.is_closed()


def test_a_line_that_was_quiet_for_some_seconds_is_still_there(desk: Desk) -> None:
    before, after = desk.made(1_000), desk.made(1_000)
    with desk.line() as line:
        line.tcp.sendall(desk.request(*before))
        first = line.answer()
        time.sleep(QUIET_S)
        line.tcp.sendall(desk.request(*after))
        second = line.answer()

    assert (first[0], second[0]) == (201, 201)


def test_who_does_not_read_its_answers_is_not_listened_to(desk: Desk) -> None:
    first, data = desk.made(1)
    many = desk.request(first, data)[:-1] * 200
    many = many.replace(b"\r\n\r\n", b"\r\n\r\n" + bytes([data[0] ^ 1]))  # all refused
    with desk.line() as line:
        line.tcp.settimeout(UNHEARD_S)
        with pytest.raises(TimeoutError):
            line.tcp.sendall(many * (MOST_UNHEARD_BYTES // len(many)))


def test_who_leaves_in_the_middle_leaves_nothing_behind(desk: Desk) -> None:
    first, data = desk.made()
    request = desk.request(first, data)
    with desk.line() as line:
        line.tcp.sendall(request[: LENGTH // 2])
        _until(lambda: bool(list(desk.folder.glob(".*"))))

    _until(lambda: not list(desk.folder.glob(".*")))
    assert not desk.held(first, data)


def _until(holds: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < deadline_s, "it did not happen"
        time.sleep(0.02)
