"""Where a connection's bytes arrive: one buffer for all, and no copy of a chunk's body."""

from __future__ import annotations

import asyncio
from typing import Any

from zhishiyun_server.bodies import BodyProtocol

READING = "zhishiyun.reading"  # where the lifespan's state names the buffer
# What one read takes at most. A piece is hashed and written while the processor still has it.
PIECE_BYTES = 256 * 1024
MOST_HEAD_BYTES = 4096  # of a chunk's head; a longer one is the parser's with all that follows
PUT, HEAD_ENDS = b"PUT ", b"\r\n\r\n"


def reading_buffer() -> memoryview:
    """What all connections of one event loop read into: whatever is read is used at once."""
    return memoryview(bytearray(PIECE_BYTES))


class Reception(asyncio.BufferedProtocol):
    """One connection, in front of the HTTP protocol.

    A chunk's head goes to the parser by itself: if the door lets the chunk in, its body goes from
    the buffer to the disk, and the parser never sees it. Everything else is the parser's as it
    comes. Thread: the event loop.
    """

    def __init__(self, *, app_state: dict[str, Any], **more: Any) -> None:
        self._http = BodyProtocol(app_state=app_state, **more)
        self._buffer: memoryview = app_state[READING]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Of asyncio."""
        self._http.connection_made(transport)  # type: ignore[arg-type]

    def get_buffer(self, _sizehint: int) -> memoryview:
        """Where the socket's next bytes go."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """So many bytes have come."""
        http, piece = self._http, self._buffer[:nbytes]
        head_bytes = _head_bytes(piece) if http.expects_head else 0
        if head_bytes:
            http.data_received(bytes(piece[:head_bytes]))
            piece = piece[head_bytes:]
        if (intake := http.awaited) is not None:
            body = piece[: intake.left]
            intake.take(body)
            piece = piece[len(body) :]
            if not intake.wants_more:
                http.is_whole()
        if piece and not http.transport.is_closing():
            http.data_received(bytes(piece))

    def eof_received(self) -> None:
        """Of asyncio."""
        self._http.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """Of asyncio."""
        self._http.connection_lost(exc)

    def pause_writing(self) -> None:
        """Of asyncio."""
        self._http.pause_writing()

    def resume_writing(self) -> None:
        """Of asyncio."""
        self._http.resume_writing()


def _head_bytes(piece: memoryview) -> int:
    """How long the head of a PUT is that stands there whole; 0: not seen."""
    if piece[: len(PUT)] != PUT:
        return 0
    at = bytes(piece[:MOST_HEAD_BYTES]).find(HEAD_ENDS)
    return 0 if at < 0 else at + len(HEAD_ENDS)
