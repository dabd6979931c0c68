"""WebSockets by the short way: a whole text frame goes straight to whoever listens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

try:
    from websockets.speedups import apply_mask
except ImportError:  # where websockets has no build in C
    from websockets.utils import apply_mask

from zhishiyun_server.rounds import Rounds

DIRECT = "zhishiyun.direct"  # where the ASGI scope's extensions name the connection itself
PLAIN_TEXT = 0x81  # one text frame that is a whole message, no extension
FINAL, OPCODE, LENGTH, MASKED = 0x80, 0x0F, 0x7F, 0x80
CONTINUES, SHORTEST_CONTROL = 0x0, 0x8
MASK_BYTES = 4
MOST_WAITING_BYTES = 4096  # of one read, and reads of one connection: beyond that nothing waits
MOST_WAITING = 8

Listener = Callable[[bytes, int], None]
"""Takes a text that nobody has looked at, and when it came (exam clock, µs)."""


class DirectProtocol(WebSocketsSansIOProtocol):
    """One connection. Uvicorn's own way is a queue, a task, and a pause of reading each message.

    Frames are told apart here; only what is a whole text message, once somebody listens, goes the
    short way. Everything else (handshake, pings, fragments, closing, whatever is wrong) is
    uvicorn's, frame by frame. Thread: the event loop.
    """

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._listener: Listener | None = None
        self._rounds: Rounds | None = None
        self._brought: list[tuple[bytes, int]] = []  # read, not looked at
        self._begun = b""  # of a frame that is not whole yet
        self._is_asked = False  # the handshake's request has come
        self._is_foreign = False  # a frame too large: uvicorn says so and closes
        self._in_fragments = False

    def listen(self, listener: Listener, rounds: Rounds) -> None:
        """From now on whole text messages go there, a round later."""
        self._listener, self._rounds = listener, rounds

    def tell(self, text: bytes) -> None:
        """Send one text message; nothing happens when the connection is going."""
        if not (self.close_sent or self.disconnected or self.transport.is_closing()):
            self.transport.write(frame_of(text))

    def handle_connect(self, event: Request) -> None:
        """The handshake's request: the application learns what it may listen to."""
        super().handle_connect(event)
        scope: Any = getattr(self, "scope", None)
        if scope is not None:
            scope["extensions"][DIRECT] = self

    def data_received(self, data: bytes) -> None:
        """Whatever comes from the socket."""
        if self._rounds is None:
            self._look_at(data, 0)
            return
        self._brought.append((data, self._rounds.now_us()))
        if len(data) > MOST_WAITING_BYTES or len(self._brought) > MOST_WAITING:
            self._look()
        elif len(self._brought) == 1:
            self._rounds.bring(self._look)

    def _look(self) -> None:
        brought, self._brought = self._brought, []
        for data, at_us in brought:
            self._look_at(data, at_us)

    def _look_at(self, data: bytes, at_us: int) -> None:
        if self._is_foreign or not self._is_asked:
            self._is_asked = True
            super().data_received(data)
            return
        if self._begun:
            data = self._begun + data
        at = 0
        while (length := frame_bytes(data, at)) and at + length <= len(data):
            self._take(data[at : at + length] if len(data) > length else data, at_us)
            at += length
        self._begun = data[at:]
        if length > self.config.ws_max_size:
            self._is_foreign, begun, self._begun = True, self._begun, b""
            super().data_received(begun)

    def pause_writing(self) -> None:
        """The other side does not read: then it is not listened to either."""
        super().pause_writing()
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        """It reads again."""
        super().resume_writing()
        if not self.read_paused:
            self.transport.resume_reading()

    def _take(self, frame: bytes, at_us: int) -> None:
        first = frame[0]
        direct = first == PLAIN_TEXT and frame[1] & MASKED and not self._in_fragments
        if direct and self._listener is not None and not self.close_sent:
            at = head_bytes(frame[1])
            self._listener(apply_mask(frame[at:], frame[at - MASK_BYTES : at]), at_us)
            return
        if first & OPCODE < SHORTEST_CONTROL:
            self._in_fragments = not first & FINAL
        if not self.transport.is_closing():  # it may have gone within the round
            super().data_received(frame)


def head_bytes(second: int) -> int:
    """How long a frame's head is, by its second byte."""
    length = second & LENGTH
    longer = 8 if length == 127 else 2 if length == 126 else 0
    return 2 + longer + (MASK_BYTES if second & MASKED else 0)


def frame_bytes(data: bytes, at: int) -> int:
    """How long the frame is that begins there, head and all; 0 when that is not known yet."""
    if len(data) - at < 2:
        return 0
    second = data[at + 1]
    head, length = head_bytes(second), second & LENGTH
    if length >= 126:
        ends = at + (4 if length == 126 else 10)
        if len(data) < ends:
            return 0
        length = int.from_bytes(data[at + 2 : ends])
    return head + length


def frame_of(text: bytes) -> bytes:
    """A text message as a server frames it: one frame, not masked."""
    length = len(text)
    if length < 126:
        return bytes((PLAIN_TEXT, length)) + text
    if length < 1 << 16:
        return bytes((PLAIN_TEXT, 126)) + length.to_bytes(2) + text
    return bytes((PLAIN_TEXT, 127)) + length.to_bytes(8) + text
