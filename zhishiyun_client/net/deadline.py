"""A deadline over a whole request, under every single read and write of it.

The library bounds each read; a line that drips a byte a second would still hold a request for
ever. So the calling thread carries the instant by which its request must be over, and each socket
operation is given what is left.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpcore

_LEAST_S = 0.001  # 0 would mean "do not block at all"


class Deadline:
    """The instant by which the request of the calling thread must be over. Thread: any."""

    def __init__(self) -> None:
        self._own = threading.local()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Requests of this thread inside the block must end within `seconds`."""
        self._own.ends_s = time.monotonic() + seconds
        try:
            yield
        finally:
            del self._own.ends_s

    def left_s(self) -> float:
        """Seconds left; endless outside `within`."""
        ends_s: float = getattr(self._own, "ends_s", float("inf"))
        return ends_s - time.monotonic()

    def cap(self, timeout_s: float | None, late: type[Exception]) -> float | None:
        """The shorter of a timeout and what is left; raises `late` when nothing is left."""
        left_s = self.left_s()
        if left_s <= 0:
            raise late("the whole request took too long")
        if left_s == float("inf"):
            return timeout_s
        return max(_LEAST_S, left_s if timeout_s is None else min(timeout_s, left_s))


class DeadlineStream(httpcore.NetworkStream):
    """A stream whose every operation knows the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read some bytes."""
        timeout = self._deadline.cap(timeout, httpcore.ReadTimeout)
        return self._stream.read(max_bytes, timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all bytes; what the socket does not take at once is not copied for the next try."""
        view: Any = memoryview(buffer)
        self._stream.write(view, self._deadline.cap(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        """Close the socket; whoever waits in it, in whatever thread, stops waiting."""
        sock = self._stream.get_extra_info("socket")
        if sock is not None:
            with suppress(OSError):  # the other side was quicker
                sock.shutdown(socket.SHUT_RDWR)
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Shake hands."""
        timeout = self._deadline.cap(timeout, httpcore.ConnectTimeout)
        secured = self._stream.start_tls(ssl_context, server_hostname, timeout)
        return DeadlineStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """Whatever the stream below tells."""
        return self._stream.get_extra_info(info)


class DeadlineBackend(httpcore.NetworkBackend):
    """Opens streams that know the deadline."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self._below = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect by TCP."""
        timeout = self._deadline.cap(timeout, httpcore.ConnectTimeout)
        stream = self._below.connect_tcp(host, port, timeout, local_address, socket_options)
        return DeadlineStream(stream, self._deadline)
