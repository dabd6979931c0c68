"""PUT /v1/evidence/{attempt}/{first_byte}: raw ASGI, bytes to disk as they come (design §4)."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from zhishiyun_protocol.evidence.layout import MAX_PAYLOAD_BYTES, OVERHEAD_BYTES
from zhishiyun_protocol.messages.evidence import ChunkKept
from zhishiyun_server import wire
from zhishiyun_server.access import own_recording
from zhishiyun_server.evidence.grants import is_granted, read_content_digest
from zhishiyun_server.evidence.shelf import full_or
from zhishiyun_server.headers import PLAIN_RAW
from zhishiyun_server.keep.chunks import Chunk
from zhishiyun_server.premises import Premises, premises_of
from zhishiyun_server.problems import Refusal, refusal
from zhishiyun_server.routes.operation import Auth, Header, Operation

CHUNK_BYTES = 2 * 1024 * 1024  # the usual limit (design §4)
# One record may be larger than the usual chunk, and cannot be cut.
MOST_BYTES = MAX_PAYLOAD_BYTES + OVERHEAD_BYTES


@dataclass(frozen=True, slots=True)
class _Offer:
    """What the headers say is coming."""

    chunk: Chunk
    length: int


class PutChunk:
    """The ASGI application behind the route. Nothing but a grant is looked at before the bytes."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one PUT; 201 and 200 are sent only when everything is durable."""
        request = Request(scope, receive)
        premises, body = premises_of(request), _Body(receive)
        try:
            offer = await _offer(request, premises)
            already = await _take(body, premises, offer)
        except Refusal as error:
            await _drain(body)
            response = wire.answer_refusal(error)
        except ClientDisconnect:
            return
        else:
            kept = ChunkKept(
                first_byte=offer.chunk.first_byte, length=offer.length, already=already
            )
            response = wire.answer(kept, 200 if already else 201)
        response.raw_headers.extend(PLAIN_RAW)
        await response(scope, receive, send)


class _Body:
    """The body as it comes; asking on behind its end would wait for ever."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._more = True

    async def pieces(self) -> AsyncIterator[bytes]:
        """What has not been read yet.

        Raises:
            ClientDisconnect.
        """
        while self._more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            self._more = message.get("more_body", False)
            if piece := message.get("body", b""):
                yield piece


async def _offer(request: Request, premises: Premises) -> _Offer:
    recording_id = str(request.path_params["recording_id"])
    first_byte = int(request.path_params["first_byte"])
    grant = request.headers.get("x-grant", "")
    if not grant and await own_recording(request) != recording_id:
        raise refusal("NOT_FOUND")
    if request.headers.get("if-none-match", "").strip() != "*":
        raise refusal("PRECONDITION_MISSING")
    digest = read_content_digest(request.headers.get("content-digest", ""))
    length = _length(request, first_byte, premises)
    chunk = Chunk(recording_id, first_byte, first_byte + length, digest)
    if grant and not is_granted(grant, chunk, premises.keys.grants, premises.clock.now_us()):
        raise refusal("GRANT_WRONG")
    return _Offer(chunk, length)


def _length(request: Request, first_byte: int, premises: Premises) -> int:
    text = request.headers.get("content-length", "")
    if not text.isdigit():
        raise refusal("LENGTH_MISSING")
    require_size(first_byte, int(text), premises)
    return int(text)


def require_size(first_byte: int, length: int, premises: Premises) -> None:
    """Check that a chunk of this length may lie there.

    Raises:
        Refusal: CHUNK_EMPTY, CHUNK_TOO_LARGE, QUOTA_USED.
    """
    if length == 0:
        raise refusal("CHUNK_EMPTY")
    if length > MOST_BYTES:
        raise refusal("CHUNK_TOO_LARGE")
    if first_byte + length > premises.settings.limits.attempt_bytes:
        raise refusal("QUOTA_USED")


async def _take(body: _Body, premises: Premises, offer: _Offer) -> bool:
    """Bring the bytes to the disk; returns whether they were there before."""
    chunk, now_us = offer.chunk, premises.clock.now_us()
    premises.shelf.require_space(offer.length)
    try:
        part = premises.shelf.begin(chunk.recording_id)
    except OSError as error:
        raise full_or(error) from error
    try:
        async for piece in body.pieces():
            if part.length + len(piece) > offer.length:
                raise refusal("LENGTH_WRONG")
            part.write(piece)
        if part.length != offer.length:
            raise refusal("LENGTH_WRONG")
        if part.sha256 != chunk.sha256:
            raise refusal("DIGEST_WRONG")
        already = await premises.shelf.keep(part, chunk, now_us)
    except OSError as error:
        raise full_or(error) from error
    finally:
        part.discard()
    premises.followers.nudge(chunk.recording_id)
    return already


async def _drain(body: _Body) -> None:
    """Read what is left of a body, so that the client hears the answer; not more than a chunk."""
    left = MOST_BYTES
    with contextlib.suppress(ClientDisconnect):
        async for piece in body.pieces():
            left -= len(piece)
            if left < 0:
                break


OPERATIONS = (
    Operation(
        "PUT",
        "/v1/evidence/{recording_id}/{first_byte:int}",
        PutChunk(),
        "Keep one chunk",
        Auth.GRANT,
        bytes,
        ChunkKept,
        201,
        headers=(
            Header("Content-Length", "whole bytes; chunked bodies are refused"),
            Header("Content-Digest", "sha-256=:…: of the body (RFC 9530)"),
            Header("If-None-Match", "*"),
            Header("X-Grant", "the grant's word, instead of a session", required=False),
        ),
        also=(
            (200, "These bytes were there before."),
            (400, "DIGEST_WRONG LENGTH_WRONG DIGEST_MISSING CHUNK_EMPTY: nothing was kept."),
            (403, "GRANT_WRONG NOT_ENTERED: nothing was kept."),
            (409, "EVIDENCE_CONFLICT ALREADY_SEALED: nothing was kept."),
            (411, "LENGTH_MISSING: nothing was kept."),
            (413, "CHUNK_TOO_LARGE QUOTA_USED: nothing was kept."),
            (428, "PRECONDITION_MISSING: nothing was kept."),
            (503, "STORE_UNREACHABLE: nothing was kept; try later."),
            (507, "DISK_FULL: nothing was kept; try later."),
        ),
    ),
)
