"""The relay in a room's network: hands on a paper's release code when the way out is dead.

One datagram asks by multicast, one answers. Nobody has to be trusted: a code opens its paper or it
does not, and before T0 nobody has one. Multicast of a single hop never leaves the room.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import struct
import threading
import time
from collections.abc import Mapping
from typing import TypeVar

import msgspec

from zhishiyun_client.runtime.worker import Report, Worker
from zhishiyun_protocol import release
from zhishiyun_protocol.errors import Transient

GROUP, PORT = "239.192.77.83", 47783  # of the range for one organisation (RFC 2365)
ANSWER_WITHIN_S = 1.0
LARGEST_BYTES = 512
LEAST_BETWEEN_S = 0.2  # between two answers to one asker
_GLANCE_S = 0.25


Message = TypeVar("Message")


class Question(msgspec.Struct, frozen=True, kw_only=True, tag_field="zhishiyun", tag="release?"):
    """Has anybody the release code of this paper?"""

    paper_id: str


class Told(msgspec.Struct, frozen=True, kw_only=True, tag_field="zhishiyun", tag="release"):
    """This is it."""

    paper_id: str
    code: str


class RoomRelay:
    """`ports.line.ReleaseRelay` by multicast.

    Args:
        interface: address of the network card to ask by; "" lets the system choose.
    """

    def __init__(self, interface: str = "", port: int = PORT) -> None:
        self._interface = interface
        self._port = port

    def ask(self, paper_id: str) -> str:
        """The first plausible answer within a second, else "".

        Raises:
            Transient: NO_ROOM: there is no network to ask in.
        """
        ends_s = time.monotonic() + ANSWER_WITHIN_S
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            try:
                _send_by(sock, self._interface)
                question = msgspec.json.encode(Question(paper_id=paper_id))
                sock.sendto(question, (GROUP, self._port))
                while (left_s := ends_s - time.monotonic()) > 0:
                    sock.settimeout(left_s)
                    told = _read(sock.recv(LARGEST_BYTES), Told)
                    if told is not None and told.paper_id == paper_id:
                        return release.plain(told.code)[: release.LENGTH]
            except TimeoutError:
                return ""
            except OSError as error:
                raise Transient("NO_ROOM", "No local network.", "没有可用的局域网。") from error
        return ""


class RelayDesk(Worker):
    """Answers whoever asks in this room. `codes` may be filled while it runs.

    Args:
        codes: paper id → release code.
    """

    def __init__(
        self, codes: Mapping[str, str], report: Report, interface: str = "", port: int = PORT
    ) -> None:
        super().__init__("relay", report)
        self._codes = codes
        self._answered_s: dict[str, float] = {}
        self.answers = 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("", port))
        card = socket.inet_aton(interface) if interface else struct.pack("=I", socket.INADDR_ANY)
        member = socket.inet_aton(GROUP) + card
        self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        self._socket.settimeout(_GLANCE_S)

    def turn(self, stop: threading.Event) -> None:
        """Hear one question and answer it."""
        try:
            data, asker = self._socket.recvfrom(LARGEST_BYTES)
        except TimeoutError:
            return
        question = _read(data, Question)
        code = self._codes.get(question.paper_id) if question is not None else None
        if question is None or not code or not self._may_answer(asker[0]):
            return
        with contextlib.suppress(OSError):  # whoever asked has gone
            told = Told(paper_id=question.paper_id, code=code)
            self._socket.sendto(msgspec.json.encode(told), asker)
            self.answers += 1

    def leave(self) -> None:
        """Close the socket."""
        self._socket.close()

    def _may_answer(self, address: str) -> bool:
        """Only this room, and nobody too often."""
        now_s = time.monotonic()
        if not ipaddress.ip_address(address).is_private:
            return False
        if now_s - self._answered_s.get(address, float("-inf")) < LEAST_BETWEEN_S:
            return False
        self._answered_s[address] = now_s
        return True


def _send_by(sock: socket.socket, interface: str) -> None:
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 1)
    if interface:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(interface))


def _read(data: bytes, kind: type[Message]) -> Message | None:
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
