"""The evidence calls over HTTPS: `ports.api.EvidenceApi`. A grant may lead to another host."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

import msgspec

from zhishiyun_client.net.client import bearing, json_headers
from zhishiyun_client.net.http_library import httpx
from zhishiyun_client.net.wire import Reply, Wire, decoded, judged
from zhishiyun_client.ports.api import Pacer
from zhishiyun_protocol.errors import Refused
from zhishiyun_protocol.messages.evidence import (
    ChunkKept,
    Grant,
    GrantRequest,
    Grants,
    Held,
    Receipt,
    Seal,
)

SEAL_LEAST_S, SEAL_MOST_S = 20.0, 120.0  # the server reads a whole log before it vouches for it
SEAL_BYTES_S = 20_000_000  # so slowly at worst; whoever asks again gets the same answer
CONFLICT = "EVIDENCE_CONFLICT"
_OWN_HEADERS = {"Content-Type": "application/octet-stream", "If-None-Match": "*"}


class EvidenceClient:
    """`EvidenceApi` over a wire. Thread: any worker, several at once."""

    def __init__(self, wire: Wire, session: str) -> None:
        self._wire = wire
        self._session = session

    def use_session(self, session: str) -> None:
        """From now on call as this session."""
        self._session = session

    def held(self) -> Held:
        """GET /v1/me/evidence."""
        reply = self._wire.send("GET", "/v1/me/evidence", headers=bearing(self._session))
        return decoded(judged(reply), Held)

    def grants(self, request: GrantRequest) -> Grants:
        """POST /v1/me/evidence/grants."""
        reply = self._post("/v1/me/evidence/grants", request)
        return decoded(judged(reply), Grants)

    def put_chunk(
        self,
        grant: Grant,
        data: Sequence[bytes],
        within_s: float = 30.0,
        pacer: Pacer | None = None,
    ) -> ChunkKept:
        """PUT one chunk where its grant says, under the headers the grant says."""
        is_ours = grant.url.startswith("/")
        headers = httpx.Headers(_OWN_HEADERS if is_ours else None)
        headers.update(bearing(self._session) if is_ours else None)
        headers.update(grant.headers)
        if is_ours and "Content-Digest" not in headers:
            headers["Content-Digest"] = content_digest(data)
        reply = self._wire.send(
            "PUT",
            grant.url,
            headers=headers,
            body=data,
            within_s=within_s,
            silence_s=within_s,
            pacer=pacer,
        )
        return (
            _kept_here(reply)
            if is_ours
            else _kept_in_store(reply, grant, sum(len(piece) for piece in data))
        )

    def seal(self, seal: Seal) -> Receipt:
        """POST /v1/me/evidence/seal."""
        within_s = min(SEAL_LEAST_S + seal.length / SEAL_BYTES_S, SEAL_MOST_S)
        reply = self._post("/v1/me/evidence/seal", seal, within_s)
        return decoded(judged(reply), Receipt)

    def receipt(self) -> Receipt:
        """GET /v1/me/receipt."""
        reply = self._wire.send("GET", "/v1/me/receipt", headers=bearing(self._session))
        return decoded(judged(reply), Receipt)

    def _post(self, target: str, message: msgspec.Struct, within_s: float = 15.0) -> Reply:
        return self._wire.send(
            "POST",
            target,
            headers=json_headers(self._session),
            body=msgspec.json.encode(message),
            within_s=within_s,
            silence_s=within_s,
        )


def content_digest(data: Sequence[bytes]) -> str:
    """The Content-Digest header of RFC 9530."""
    sha256 = hashlib.sha256()
    for piece in data:
        sha256.update(piece)
    return f"sha-256=:{base64.b64encode(sha256.digest()).decode('ascii')}:"


def _kept_here(reply: Reply) -> ChunkKept:
    return decoded(judged(reply), ChunkKept)


def _kept_in_store(reply: Reply, grant: Grant, length: int) -> ChunkKept:
    """A store says 200 without JSON; 412: the name is taken, the seal will tell by what."""
    is_there = reply.status == 412
    if reply.status == 409:
        raise Refused(CONFLICT, "The store holds other bytes.", "存储中已有不同内容。", status=409)
    if not is_there:
        judged(reply)
    return ChunkKept(first_byte=grant.first_byte, length=length, already=is_there)
