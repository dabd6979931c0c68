"""A TCP server that answers every request with the bytes a test wants, at the pace it wants."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

Script = Iterable[bytes | float]
"""Bytes to send, and seconds to wait in between."""


def http(status: str, body: bytes, *headers: str) -> bytes:
    """One whole HTTP answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


class RawServer:
    """Keeps what it was asked in `requests`."""

    def __init__(self, script: Script, context: ssl.SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        self._script = list(script)
        self._context = context
        self.open_connections: list[socket.socket] = []
        self._stop = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, name="raw-server")]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"{'https' if self._context else 'http'}://127.0.0.1:{self.port}"

    def close(self) -> None:
        self._stop.set()
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        self._listener.settimeout(0.05)
        while not self._stop.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            thread = threading.Thread(target=self._talk, args=(connection,), name="raw-talk")
            self._threads.append(thread)
            thread.start()

    def _talk(self, connection: socket.socket) -> None:
        if self._context is not None:
            connection.settimeout(5)
            try:
                connection = self._context.wrap_socket(connection, server_side=True)
            except OSError:
                connection.close()
                return
        self.open_connections.append(connection)
        with connection:
            connection.settimeout(0.05)
            try:
                while not self._stop.is_set():
                    if not self._hear(connection):
                        return
                    self._answer(connection)
            except OSError:
                return

    def _hear(self, connection: socket.socket) -> bool:
        """Take one request whole."""
        heard = b""
        while not self._stop.is_set():
            head, found, body = heard.partition(b"\r\n\r\n")
            if found and len(body) >= _length(head):
                self.requests.append(heard)
                return True
            try:
                piece = connection.recv(65536)
            except TimeoutError:
                continue
            if not piece:
                return False
            heard += piece
        return False

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        for step in self._script:
            if isinstance(step, bytes):
                connection.sendall(step)
            elif self._stop.wait(step):
                return
        connection.settimeout(0.05)


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


@contextmanager
def answering(*script: bytes | float, context: ssl.SSLContext | None = None) -> Iterator[RawServer]:
    """A server that answers everything with this script."""
    server = RawServer(script, context)
    try:
        yield server
    finally:
        server.close()
