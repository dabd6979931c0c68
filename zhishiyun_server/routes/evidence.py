"""/v1/me/evidence and /v1/phone/evidence: what is held, grants, seal, receipt (R182–R191)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from zhishiyun_protocol.messages.evidence import (
    ChunkOffer,
    Grant,
    GrantRequest,
    Grants,
    Held,
    Receipt,
    Seal,
)
from zhishiyun_server import wire
from zhishiyun_server.access import phone_seat, seat
from zhishiyun_server.evidence.grants import LIVES_REAL_S, content_digest, write_grant
from zhishiyun_server.evidence.sealed import seal_recording
from zhishiyun_server.evidence.shelf import Look
from zhishiyun_server.keep import chunks
from zhishiyun_server.keep.chunks import Chunk, Place
from zhishiyun_server.keep.receipts import receipt_of
from zhishiyun_server.premises import Premises, premises_of
from zhishiyun_server.problems import Refusal, refusal
from zhishiyun_server.routes.chunks import require_size
from zhishiyun_server.routes.operation import Auth, Operation

MOST_OFFERS = 64


Whose = Callable[[Request], Awaitable[str]]  # the one recording that a caller may add to


class EvidenceCalls:
    """The same four calls for whoever records; only who is asking differs."""

    def __init__(self, whose: Whose, *, by_store: bool) -> None:
        """by_store: grants may lead to a store; a browser may call this server only."""
        self._whose = whose
        self._by_store = by_store

    async def held(self, request: Request) -> Response:
        """Byte ranges that are durable here, and those asked for again."""
        premises = premises_of(request)
        name = await self._whose(request)
        await premises.shelf.discover(name, premises.clock.now_us(), Look.FRESH)
        return wire.answer(
            premises.database.read(
                lambda c: Held(
                    ranges=chunks.held(c, name),
                    sealed=receipt_of(c, name) is not None,
                    wanted=chunks.wanted_of(c, name),
                )
            )
        )

    async def grant(self, request: Request) -> Response:
        """Where each offered chunk goes; one that is held has none unless it is wanted again."""
        premises = premises_of(request)
        name = await self._whose(request)
        wanted = await wire.read(request, GrantRequest)
        if len(wanted.chunks) > MOST_OFFERS:
            raise refusal("TOO_LARGE")
        offered = [_chunk_of(name, offer) for offer in wanted.chunks]
        places = premises.database.read(lambda c: [_place(c, chunk) for chunk in offered])
        grants = tuple(
            (self._by_store and _elsewhere(premises, chunk, place)) or _here(premises, chunk)
            for chunk, place in zip(offered, places, strict=True)
            if place is not Place.SAME
        )
        if any(not granted.url.startswith("/") for granted in grants):
            premises.followers.nudge(name)  # what was granted before has arrived meanwhile
        return wire.answer(Grants(grants=grants))

    async def seal(self, request: Request) -> Response:
        """Check that everything is here and holds; the answer is the receipt or what is missing."""
        premises = premises_of(request)
        name = await self._whose(request)
        wanted = await wire.read(request, Seal)
        return wire.answer(await seal_recording(premises, name, wanted))

    async def receipt(self, request: Request) -> Response:
        """The receipt once it exists."""
        premises = premises_of(request)
        name = await self._whose(request)
        found = premises.database.read(lambda c: receipt_of(c, name))
        if found is None:
            raise refusal("NO_RECEIPT")
        return wire.answer(found)


async def _computers(request: Request) -> str:
    return (await seat(request)).attempt_id


async def _phones(request: Request) -> str:
    return phone_seat(request).recording_id


def _chunk_of(recording_id: str, offer: ChunkOffer) -> Chunk:
    is_hex = len(offer.sha256) == 64 and all(c in "0123456789abcdef" for c in offer.sha256)
    if not is_hex or offer.first_byte < 0 or offer.length <= 0:
        raise refusal("BAD_REQUEST", detail="a chunk's place or digest is impossible")
    return Chunk(recording_id, offer.first_byte, offer.first_byte + offer.length, offer.sha256)


def _place(c: Connection, chunk: Chunk) -> Place:
    """What is there; a chunk that staff want again has to come by here, where it is compared."""
    place = chunks.look(c, chunk)
    if place is Place.SAME and chunks.is_wanted(c, chunk):
        return Place.OTHER
    return place


def _elsewhere(premises: Premises, chunk: Chunk, place: Place) -> Grant | None:
    """A grant that leads to the store, for what this server would take as well."""
    granted = premises.shelf.grant(chunk) if place is Place.FREE else None
    if granted is None:
        return None
    try:
        require_size(chunk.first_byte, chunk.end_byte - chunk.first_byte, premises)
        premises.database.read(lambda c: chunks.require_open(c, chunk.recording_id, chunk.end_byte))
    except Refusal:
        return None  # the call here says why
    url, headers = granted
    expires_us = premises.clock.after_real_us(LIVES_REAL_S)
    return Grant(first_byte=chunk.first_byte, url=url, headers=headers, expires_us=expires_us)


def _here(premises: Premises, chunk: Chunk) -> Grant:
    expires_us = premises.clock.after_real_us(LIVES_REAL_S)
    return Grant(
        first_byte=chunk.first_byte,
        url=f"/v1/evidence/{chunk.recording_id}/{chunk.first_byte}",
        headers={
            "X-Grant": write_grant(chunk, expires_us, premises.keys.grants),
            "Content-Digest": content_digest(chunk.sha256),
            "If-None-Match": "*",
            "Content-Type": "application/octet-stream",
        },
        expires_us=expires_us,
    )


def _operations(base: str, auth: Auth, calls: EvidenceCalls, whose: str) -> tuple[Operation, ...]:
    evidence = f"{base}/evidence"
    return (
        Operation("GET", evidence, calls.held, f"What is held of {whose}", auth, None, Held),
        Operation(
            "POST", f"{evidence}/grants", calls.grant, f"Where chunks of {whose} go", auth,
            GrantRequest, Grants,
        ),
        Operation("POST", f"{evidence}/seal", calls.seal, f"Seal {whose}", auth, Seal, Receipt),
        Operation(
            "GET", f"{base}/receipt", calls.receipt, f"The receipt of {whose}", auth, None, Receipt
        ),
    )  # fmt: skip


OPERATIONS = (
    *_operations("/v1/me", Auth.SESSION, EvidenceCalls(_computers, by_store=True), "the recording"),
    *_operations(
        "/v1/phone", Auth.PHONE, EvidenceCalls(_phones, by_store=False), "the phone's recording"
    ),
)
