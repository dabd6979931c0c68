"""Chunks, seals and receipts: how the log reaches the server (design §4)."""

from __future__ import annotations

import hashlib

import msgspec

from zhishiyun_protocol.signing import (
    SigningKey,
    canonical_json,
    from_text,
    is_signed,
    to_text,
)

RECEIPT_PURPOSE = "receipt"


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """GET /v1/me/evidence: byte ranges [from, to) the server holds durably, merged and sorted."""

    ranges: tuple[tuple[int, int], ...]
    sealed: bool
    wanted: tuple[tuple[int, int], ...] = ()  # ranges the server asks to have again (R188)


class ChunkOffer(msgspec.Struct, frozen=True, kw_only=True):
    """One chunk the client wants to send: a byte range at record boundaries."""

    first_byte: int
    length: int
    sha256: str


class GrantRequest(msgspec.Struct, frozen=True, kw_only=True):
    """POST /v1/me/evidence/grants."""

    chunks: tuple[ChunkOffer, ...]


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """Where one chunk goes: send exactly these headers and the bytes. A path means this server."""

    first_byte: int
    url: str
    headers: dict[str, str]
    expires_us: int


class Grants(msgspec.Struct, frozen=True, kw_only=True):
    """Answer to a grant request; a chunk that is held already has no grant."""

    grants: tuple[Grant, ...]


class ChunkKept(msgspec.Struct, frozen=True, kw_only=True):
    """201 (kept now) or 200 (kept before, same bytes)."""

    first_byte: int
    length: int
    already: bool = False


class Seal(msgspec.Struct, frozen=True, kw_only=True):
    """POST /v1/me/evidence/seal: the log is complete."""

    length: int
    records: int
    head: str  # hex SHA-256 of the last record
    last_run: int


class TrackCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds of the attempt's timeline that one track covers; `missing` are [from, to) seconds."""

    track: str
    seconds: int
    covered: int
    packets: int
    missing: tuple[tuple[int, int], ...]


class ReceiptBody(msgspec.Struct, frozen=True, kw_only=True):
    """What the server vouches for."""

    receipt_id: str
    attempt_id: str
    exam_id: str
    plan_sha256: str
    formal: bool
    length: int
    records: int
    head: str
    sha256: str  # of the whole log
    coverage: tuple[TrackCoverage, ...]
    gaps: int
    complete: bool  # chain whole, signatures right, END record there
    late: bool
    issued_us: int
    keep_until: str


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """The candidate's proof: a body and the server's signature over its canonical JSON."""

    body: ReceiptBody
    server_key: str
    signature: str

    def is_genuine(self, server_key: bytes | None = None) -> bool:
        """Whether the signature fits, by the given key or else by the one named inside."""
        key = server_key if server_key is not None else from_text(self.server_key)
        return is_signed(key, RECEIPT_PURPOSE, canonical_json(self.body), from_text(self.signature))

    def digest(self) -> str:
        """SHA-256 of the signed body, hex: what is printed and put in the QR."""
        return hashlib.sha256(canonical_json(self.body)).hexdigest()


def sign_receipt(body: ReceiptBody, key: SigningKey) -> Receipt:
    """The server's word on `body`."""
    signature = key.sign(RECEIPT_PURPOSE, canonical_json(body))
    return Receipt(body=body, server_key=to_text(key.public_bytes()), signature=to_text(signature))
