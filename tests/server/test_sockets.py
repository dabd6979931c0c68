"""The live channel's frames, however TCP cuts them, and what is no frame at all."""

from __future__ import annotations

import base64
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx
import msgspec
import pytest
from websockets.frames import CloseCode

from tests.server.rig import Candidate, Process, make_exam, serving, wall_us
from zhishiyun_protocol.messages.live import Beat, Heartbeat

TEXT, BINARY, CLOSE, PING, PONG, CONTINUATION = 0x1, 0x2, 0x8, 0x9, 0xA, 0x0
FINAL = 0x80
WAIT_S = 20.0
MOST_UNREAD_BYTES = 64 * 1024 * 1024


@pytest.fixture(scope="module")
def seat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Process, Candidate]]:
    exam = make_exam(tmp_path_factory.mktemp("sockets"), starts_at="+800", count=1)
    with serving(exam) as server, httpx.Client(base_url=server.url) as http:
        yield server, Candidate(http, exam.tickets(server.url)[0], wall_us).log_in()


class RawLine:
    """A client that frames by hand."""

    def __init__(self, tcp: socket.socket) -> None:
        self.tcp = tcp
        self._read = tcp.makefile("rb")

    def shake_hands(self, host: str, bearer: str) -> None:
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            "GET /v1/live HTTP/1.1",
            f"Host: {host}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
            f"Authorization: {bearer}",
        ]
        self.tcp.sendall("\r\n".join([*lines, "", ""]).encode())
        assert b" 101 " in self._read.readline()
        while self._read.readline().strip():
            continue

    def frame(self) -> tuple[int, bytes]:
        """(opcode, payload) of what the server says next."""
        first, second = self._read.read(2)
        length = second
        if second == 126:
            length = int.from_bytes(self._read.read(2), "big")
        return first & 0x0F, self._read.read(length)

    def beat(self) -> Beat:
        opcode, text = self.frame()
        assert opcode == TEXT
        return msgspec.json.decode(text, type=Beat)

    def close_code(self) -> int:
        while True:
            opcode, payload = self.frame()
            if opcode == CLOSE:
                return int.from_bytes(payload[:2], "big")

    def close(self) -> None:
        self._read.close()
        self.tcp.close()


@contextmanager
def lines(seat: tuple[Process, Candidate]) -> Iterator[RawLine]:
    server, candidate = seat
    parts = urlsplit(server.url)
    tcp = socket.create_connection((parts.hostname, parts.port), timeout=WAIT_S)
    tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    line = RawLine(tcp)
    try:
        line.shake_hands(parts.netloc, candidate.bearer["Authorization"])
        yield line
    finally:
        line.close()


def framed(payload: bytes, opcode: int = TEXT, final: bool = True, masked: bool = True) -> bytes:
    head = bytes([opcode | (FINAL if final else 0)])
    flag = 0x80 if masked else 0
    length = len(payload)
    if length < 126:
        head += bytes([flag | length])
    elif length < 1 << 16:
        head += bytes([flag | 126]) + length.to_bytes(2, "big")
    else:
        head += bytes([flag | 127]) + length.to_bytes(8, "big")
    if not masked:
        return head + payload
    mask = os.urandom(4)
    return head + mask + bytes(byte ^ mask[n % 4] for n, byte in enumerate(payload))


def heartbeat(number: int, **more: object) -> bytes:
    return msgspec.json.encode(Heartbeat(sent_us=number, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize("padding", [0, 300, 100_000])
def test_frames_are_whole_however_tcp_cuts_them(
    seat: tuple[Process, Candidate], padding: int
) -> None:
    sent = b"".join(framed(heartbeat(n, thumbnail="A" * padding)) for n in range(1, 6))
    cuts = [1, 2, 3, 5, 7, 11, len(sent) // 2, len(sent) // 2 + 1, len(sent) - 1]
    pieces = [sent[a:b] for a, b in zip([0, *cuts], [*cuts, len(sent)], strict=True)]
    with lines(seat) as line:
        for piece in pieces:
            line.tcp.sendall(piece)

        answers = [line.beat().sent_us for _ in range(5)]

    assert sorted(answers) == [1, 2, 3, 4, 5]


def test_fragments_and_pings_between_them_are_understood(seat: tuple[Process, Candidate]) -> None:
    text = heartbeat(7)
    with lines(seat) as line:
        line.tcp.sendall(framed(text[:5], final=False))
        line.tcp.sendall(framed(b"hello", PING))
        line.tcp.sendall(framed(text[5:], CONTINUATION))
        ping, first = line.frame(), line.beat()
        line.tcp.sendall(framed(heartbeat(8)))
        second = line.beat()

    assert ping == (PONG, b"hello")
    assert (first.sent_us, second.sent_us) == (7, 8)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (framed(heartbeat(1), masked=False), CloseCode.PROTOCOL_ERROR),
        (framed(b"{", final=False) + framed(heartbeat(1)), CloseCode.PROTOCOL_ERROR),
        (framed(b"x", 0x3), CloseCode.PROTOCOL_ERROR),
        (framed(b"x" * 1_000_000), CloseCode.MESSAGE_TOO_BIG),
        (framed(b"\x81\x80")[:1] + b"\xff" + b"\xff" * 8, CloseCode.MESSAGE_TOO_BIG),
        (framed(heartbeat(1), BINARY), 4000),
        (framed(b'{"sent_us": 1, "phase": "\xff"}'), 4000),
        (framed(b""), 4000),
    ],
    ids=[
        "not masked",
        "a beginning within a message",
        "an opcode that is none",
        "too large",
        "a length beyond all",
        "bytes",
        "no UTF-8",
        "empty",
    ],  # masks are random, and every process must find the same names
)
def test_what_is_no_heartbeat_closes_its_own_line(
    seat: tuple[Process, Candidate], sent: bytes, code: int
) -> None:
    with lines(seat) as other, lines(seat) as line:
        line.tcp.sendall(sent)
        closed = line.close_code()
        other.tcp.sendall(framed(heartbeat(5)))

        assert other.beat().sent_us == 5

    assert closed == code


def test_who_does_not_read_is_not_listened_to_any_more(seat: tuple[Process, Candidate]) -> None:
    many = b"".join(framed(heartbeat(1, phase="x" * 30, notes=("y" * 60,))) for _ in range(200))
    with lines(seat) as line:
        line.tcp.settimeout(3)
        with pytest.raises(TimeoutError):
            _send_without_reading(line.tcp, many)


def _send_without_reading(tcp: socket.socket, many: bytes) -> None:
    """Until the buffers on the way are full: then sending is stuck."""
    for _ in range(MOST_UNREAD_BYTES // len(many)):
        tcp.sendall(many)
