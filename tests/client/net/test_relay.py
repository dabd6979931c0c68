"""The room's relay: one datagram asks, one answers; rubbish and strangers get nothing."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from zhishiyun_client.net.relay import GROUP, RelayDesk, RoomRelay
from zhishiyun_protocol import release

CODE = release.code_of(bytes(32), "pp-1")
HERE = "127.0.0.1"


@pytest.fixture
def port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((HERE, 0))
        return int(sock.getsockname()[1])


@pytest.fixture
def desk(port: int) -> Iterator[RelayDesk]:
    codes: dict[str, str] = {}
    desk = RelayDesk(codes, lambda report: None, HERE, port)
    desk.codes = codes  # type: ignore[attr-defined]
    desk.start()
    yield desk
    assert desk.stop(5)


def test_whoever_asks_is_told_once_somebody_knows(desk: RelayDesk, port: int):
    asker = RoomRelay(HERE, port)

    assert asker.ask("pp-1") == ""  # before T0 nobody knows

    desk.codes["pp-1"] = CODE  # type: ignore[attr-defined]

    assert asker.ask("pp-1") == release.plain(CODE)
    assert asker.ask("pp-2") == ""


def test_rubbish_is_ignored_and_the_desk_lives_on(desk: RelayDesk, port: int):
    desk.codes["pp-1"] = CODE  # type: ignore[attr-defined]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(HERE))
        for rubbish in (b"", b"\xff\xfe", b"{}", b'{"zhishiyun":"release?"}', b"x" * 2000):
            sock.sendto(rubbish, (GROUP, port))

    assert RoomRelay(HERE, port).ask("pp-1") == release.plain(CODE)


def test_without_anybody_there_the_answer_is_nothing(port: int):
    assert RoomRelay(HERE, port).ask("pp-1") == ""
