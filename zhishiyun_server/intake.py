"""The short way of a chunk: granted, whole and as told, it goes from the socket to the disk."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from zhishiyun_protocol.messages.evidence import ChunkKept
from zhishiyun_server.evidence.grants import read_content_digest, read_grant
from zhishiyun_server.evidence.part import Part
from zhishiyun_server.evidence.register import Outcome
from zhishiyun_server.evidence.shelf import full_or
from zhishiyun_server.headers import PLAIN_RAW
from zhishiyun_server.keep.chunks import Chunk, Place
from zhishiyun_server.premises import Premises
from zhishiyun_server.problems import Refusal, refusal
from zhishiyun_server.routes.chunks import require_size
from zhishiyun_server.wire import answer_refusal

LOG = logging.getLogger(__name__)
DOOR = "zhishiyun.door"  # where the lifespan's state names the door
PATH = re.compile(rb"/v1/evidence/([0-9A-Za-z-]{1,64})/([0-9]{1,18})")
NEEDED = (b"x-grant", b"content-digest", b"if-none-match", b"content-length")
ODD = (b"transfer-encoding", b"expect", b"upgrade")
PIECE_BYTES = 256 * 1024  # one buffer for all connections: what is read is written at once
JSON_HEAD = b"content-type: application/json\r\n" + b"".join(
    name + b": " + text + b"\r\n" for name, text in PLAIN_RAW
)

Headers = Sequence[tuple[bytes, bytes]]


class Caller(Protocol):
    """The connection whose request this is: it goes on reading, and sends the answer."""

    def take_over(self) -> None:
        """The body is whole."""

    def answered(self, status: bytes, answer: bytes) -> None:
        """Status line, and everything behind."""

    def eof_received(self) -> None:
        """Of asyncio."""

    def connection_lost(self, exc: Exception | None) -> None:
        """Of asyncio."""

    def pause_writing(self) -> None:
        """Of asyncio."""

    def resume_writing(self) -> None:
        """Of asyncio."""


class ChunkDoor:
    """Lets in whatever has nothing odd about it; everything else goes the long way.

    The long way (`routes/chunks.py`) knows every refusal: none is worded here before the bytes
    have come. Thread: the event loop.
    """

    def __init__(self, premises: Premises) -> None:
        self._premises = premises
        self._buffer = memoryview(bytearray(PIECE_BYTES))

    def admit(self, url: bytes, headers: Headers, caller: Caller) -> Intake | None:
        """The way in for a PUT's body; None: not here."""
        fits, told = PATH.fullmatch(url), dict(headers)
        if fits is None or any(name in told for name in ODD):
            return None
        try:
            chunk = self._chunk(fits[1].decode(), int(fits[2]), told)
            part = self._premises.shelf.begin(chunk.recording_id)
        except (Refusal, OSError, ValueError, KeyError):
            return None  # the long way says why
        return Intake(self, chunk, part, self._buffer, caller)

    def settle(self, part: Part, chunk: Chunk, hear: Callable[[Outcome], None]) -> None:
        """Bring what came to the disk."""
        self._premises.shelf.settle(part, chunk, self._premises.clock.now_us(), hear)

    async def judge(self, outcome: Outcome, chunk: Chunk) -> bool:
        """Whether the bytes were there before; raises a Refusal, or what went wrong."""
        return await self._premises.shelf.judge(outcome, chunk, self._premises.clock.now_us())

    def nudge(self, chunk: Chunk) -> None:
        """The chain may go on."""
        self._premises.followers.nudge(chunk.recording_id)

    def _chunk(self, recording_id: str, first_byte: int, told: dict[bytes, bytes]) -> Chunk:
        """What the grant allows and the headers say: the same.

        Raises:
            Refusal, ValueError, KeyError.
        """
        grant, digest, match, length = (told[name].decode("latin-1") for name in NEEDED)
        premises = self._premises
        word = read_grant(grant, premises.keys.grants, premises.clock.now_us())
        sha256 = read_content_digest(digest)
        if (word.recording_id, word.first_byte, word.length, word.sha256, match) != (
            recording_id,
            first_byte,
            int(length),
            sha256,
            "*",
        ):
            raise refusal("GRANT_WRONG")
        require_size(first_byte, word.length, premises)
        premises.shelf.require_space(word.length)
        return Chunk(recording_id, first_byte, first_byte + word.length, sha256)


class Intake(asyncio.BufferedProtocol):
    """One body on its way in; while it comes it may be the connection's protocol itself.

    Thread: the event loop.
    """

    def __init__(
        self, door: ChunkDoor, chunk: Chunk, part: Part, buffer: memoryview, caller: Caller
    ) -> None:
        self._door = door
        self._chunk = chunk
        self._part = part
        self._buffer = buffer
        self._caller = caller
        self._left = chunk.end_byte - chunk.first_byte
        self.keep_alive = True  # what uvicorn asks a request of its own
        self.response_complete = False
        self.disconnected = False
        self.message_event = asyncio.Event()
        self._fault: Refusal | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def wants_more(self) -> bool:
        """Whether the last byte has not come yet."""
        return self._left > 0

    def take(self, piece: bytes | memoryview) -> None:
        """The next bytes."""
        self._left -= len(piece)
        if self._fault is None:
            try:
                self._part.write(piece)
            except OSError as error:  # the rest is read all the same, so that the answer is heard
                self._fault = _refusal_of(full_or(error))
                self._part.discard()
        if self._left == 0:
            self._end()

    def abandon(self) -> None:
        """The other side has left."""
        self._part.discard()

    def get_buffer(self, _sizehint: int) -> memoryview:
        """Where the socket's next bytes go; never more than belong to this body."""
        return self._buffer[: self._left]

    def buffer_updated(self, nbytes: int) -> None:
        """So many bytes have come."""
        self.take(self._buffer[:nbytes])
        if self._left == 0:
            self._caller.take_over()

    def eof_received(self) -> None:
        """As the connection says."""
        self._caller.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """As the connection says."""
        self._caller.connection_lost(exc)

    def pause_writing(self) -> None:
        """As the connection says."""
        self._caller.pause_writing()

    def resume_writing(self) -> None:
        """As the connection says."""
        self._caller.resume_writing()

    def _end(self) -> None:
        if self._fault is None and self._part.sha256 != self._chunk.sha256:
            self._fault = refusal("DIGEST_WRONG")
            self._part.discard()
        if self._fault is not None:
            self._refuse(self._fault)
        else:
            self._door.settle(self._part, self._chunk, self._hear)

    def _hear(self, outcome: Outcome) -> None:
        if isinstance(outcome, Place) and outcome is not Place.OTHER:
            self._kept(outcome is Place.SAME)
        else:
            self._task = asyncio.get_running_loop().create_task(self._judge(outcome))

    async def _judge(self, outcome: Outcome) -> None:
        try:
            already = await self._door.judge(outcome, self._chunk)
        except Exception as error:
            self._refuse(_refusal_of(error))
        else:
            self._kept(already)

    def _kept(self, already: bool) -> None:
        self._door.nudge(self._chunk)
        first, end = self._chunk.first_byte, self._chunk.end_byte
        body = msgspec.json.encode(ChunkKept(first_byte=first, length=end - first, already=already))
        self._answer(200 if already else 201, JSON_HEAD, body)

    def _refuse(self, fault: Refusal) -> None:
        answer = answer_refusal(fault)
        head = b"".join(
            name + b": " + text + b"\r\n"
            for name, text in [*answer.raw_headers, *PLAIN_RAW]
            if name != b"content-length"
        )
        self._answer(fault.status, head, bytes(answer.body))

    def _answer(self, status: int, head: bytes, body: bytes) -> None:
        length = b"content-length: %d\r\n\r\n" % len(body)
        self._caller.answered(STATUS_LINE[status], b"".join((head, length, body)))


def _refusal_of(error: Exception) -> Refusal:
    if isinstance(error, Refusal):
        return error
    LOG.error("a chunk could not be kept", exc_info=error)
    return refusal("INTERNAL", retry_after_s=2)
