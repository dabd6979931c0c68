"""Bodies in large pieces: uvicorn's HTTP protocol, waking less often and copying less."""

from __future__ import annotations

from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from zhishiyun_server.intake import DOOR, ChunkDoor, Intake

WAKE_BYTES = 256 * 1024  # the application wakes for so much, or for the end of the body
MOST_WAITING_BYTES = 1024 * 1024  # beyond that, reading pauses until the application has it


class Pieces:
    """What uvicorn keeps in a bytearray: here the pieces themselves, joined when asked for."""

    __slots__ = ("_pieces", "length")

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.length = 0

    def add(self, piece: bytes) -> None:
        """One piece more."""
        self._pieces.append(piece)
        self.length += len(piece)

    def __len__(self) -> int:
        return self.length

    def __bytes__(self) -> bytes:
        return self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)


class BodyProtocol(HttpToolsProtocol):
    """One connection. Uvicorn wakes the application for every read and pauses at 64 KiB.

    Measured for 1 MiB chunks: 1 ms of CPU a MiB went into waking, pausing and copying. Granted
    chunks do not come by the application at all (`intake.py`).
    """

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._door: ChunkDoor | None = self.app_state.get(DOOR)
        self._intake: Intake | None = None  # what is not answered yet
        self._is_between = True  # no request has begun that is not whole

    def on_message_begin(self) -> None:
        """A request's first byte."""
        self._is_between = False
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """A request begins: a chunk that has its grant goes the short way."""
        if self._door is not None and self._is_plain_put():
            intake = self._door.admit(self.url, self.headers, self)
            if intake is not None:
                self._intake = intake
                self.cycle = intake  # type: ignore[assignment]  # its own requests queue behind
                return
        super().on_headers_complete()

    @property
    def awaited(self) -> Intake | None:
        """The chunk whose body is not whole yet: what the socket has goes there."""
        intake = self._intake
        return intake if intake is not None and intake.wants_more else None

    @property
    def expects_head(self) -> bool:
        """Whether the next byte begins a request that nothing goes before."""
        cycle: Any = self.cycle
        return self._is_between and (cycle is None or cycle.response_complete)

    def is_whole(self) -> None:
        """A chunk's body has come: what comes now is the next request."""
        self._is_between = True
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does

    def handle_websocket_upgrade(self) -> None:
        """Others listen from now on; uvloop looks at who reads when reading begins."""
        super().handle_websocket_upgrade()
        if self.transport.is_reading():
            self.transport.pause_reading()
            self.transport.resume_reading()

    def answered(self, status: bytes, answer: bytes) -> None:
        """The answer of what went the short way: its status line, and everything behind."""
        intake, self._intake = self._intake, None
        if intake is None or self.transport.is_closing():
            return
        content = [status]
        for name, value in self.server_state.default_headers:
            content += [name, b": ", value, b"\r\n"]
        if not intake.keep_alive:
            content.append(b"connection: close\r\n")
        self.transport.write(b"".join([*content, answer]))
        intake.response_complete = True
        if not intake.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def pause_writing(self) -> None:
        """The other side does not read its answers: then nothing more is heard of it either."""
        super().pause_writing()
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        """It reads again."""
        super().resume_writing()
        if not self.flow.read_paused and not self.transport.is_closing():
            self.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """The other side has left."""
        if self._intake is not None:
            self._intake.abandon()
        super().connection_lost(exc)

    def on_message_complete(self) -> None:
        """A request has come whole."""
        self._is_between = True
        cycle: Any = self.cycle
        if cycle is not self._intake:
            super().on_message_complete()

    def on_body(self, body: bytes) -> None:
        """The next bytes of a request's body."""
        cycle: Any = self.cycle
        if self._intake is not None and cycle is self._intake:
            self._intake.take(body)
            return
        upgrades = self.parser.should_upgrade() and self._should_upgrade()
        if upgrades or self.cycle.response_complete:
            return
        waiting = cycle.body
        if not isinstance(waiting, Pieces):  # uvicorn begins a bytearray each time it was taken
            cycle.body = waiting = Pieces()
        waiting.add(body)
        if waiting.length > MOST_WAITING_BYTES:
            self.flow.pause_reading()
        if waiting.length >= WAKE_BYTES:
            cycle.message_event.set()

    def _is_plain_put(self) -> bool:
        parser: Any = self.parser
        before: Any = self.cycle
        return bool(
            parser.get_method() == b"PUT"
            and parser.get_http_version() == "1.1"
            and parser.should_keep_alive()
            and not parser.should_upgrade()
            and (before is None or before.response_complete)
        )
