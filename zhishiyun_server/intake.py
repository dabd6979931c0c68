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
from zhishiyun_server.evidence.grants import is_granted, read_content_digest
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
ODD = frozenset((b"transfer-encoding", b"expect", b"upgrade"))
JSON_HEAD = b"content-type: application/json\r\n" + b"".join(
    name + b": " + text + b"\r\n" for name, text in PLAIN_RAW
)

Headers = Sequence[tuple[bytes, bytes]]


class Caller(Protocol):
    """The connection whose request this is: it sends the answer."""

    def answered(self, status: bytes, answer: bytes) -> None:
        """Status line, and everything behind."""


class ChunkDoor:
    """Lets in whatever has nothing odd about it; everything else goes the long way.

    The long way (`routes/chunks.py`) knows every refusal: none is worded here before the bytes
    have come. Thread: the event loop.
    """

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    def admit(self, url: bytes, headers: Headers, caller: Caller) -> Intake | None:
        """The way in for a PUT's body; None: not here."""
        fits, told = PATH.fullmatch(url), dict(headers)
        if fits is None or not ODD.isdisjoint(told):
            return None
        try:
            chunk = self._chunk(fits[1].decode(), int(fits[2]), told)
            part = self._premises.shelf.begin(chunk.recording_id)
        except (Refusal, OSError, ValueError, KeyError):
            return None  # the long way says why
        return Intake(self, chunk, part, caller)

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
        premises = self._premises
        if told[b"if-none-match"] != b"*":
            raise refusal("PRECONDITION_MISSING")
        sha256 = read_content_digest(told[b"content-digest"].decode("latin-1"))
        length = int(told[b"content-length"])
        chunk = Chunk(recording_id, first_byte, first_byte + length, sha256)
        grant = told[b"x-grant"].decode("latin-1")
        if not is_granted(grant, chunk, premises.keys.grants, premises.clock.now_us()):
            raise refusal("GRANT_WRONG")
        require_size(first_byte, length, premises)
        premises.shelf.require_space(length)
        return chunk


class _Nobody:
    """Waits for nothing: what came and went is told to the intake itself."""

    def set(self) -> None:
        """As uvicorn wakes a request."""


_NOBODY = _Nobody()


class Intake:
    """One body on its way in. Thread: the event loop."""

    def __init__(self, door: ChunkDoor, chunk: Chunk, part: Part, caller: Caller) -> None:
        self._door = door
        self._chunk = chunk
        self._part = part
        self._caller = caller
        self.left = chunk.end_byte - chunk.first_byte  # bytes that have not come yet
        self.keep_alive = True  # what uvicorn asks a request of its own
        self.response_complete = False
        self.disconnected = False
        self.message_event = _NOBODY
        self._fault: Refusal | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def wants_more(self) -> bool:
        """Whether the last byte has not come yet."""
        return self.left > 0

    def take(self, piece: bytes | memoryview) -> None:
        """The next bytes."""
        self.left -= len(piece)
        if self._fault is None:
            try:
                self._part.write(piece)
            except OSError as error:  # the rest is read all the same, so that the answer is heard
                self._fault = _refusal_of(full_or(error))
                self._part.discard()
        if self.left == 0:
            self._end()

    def abandon(self) -> None:
        """The other side has left."""
        self._part.discard()

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
