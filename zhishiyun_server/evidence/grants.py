"""Grants: where one chunk goes, as a short-lived signed word (design §4)."""

from __future__ import annotations

import base64
import binascii
import hmac
import re

from zhishiyun_server.keep.chunks import Chunk
from zhishiyun_server.problems import refusal

LIVES_REAL_S = 600
_USUAL = re.compile(r"sha-256=:([0-9A-Za-z+/]{43}=):")  # the only member, as our clients write it
_SHA256_BYTES = 32


def write_grant(chunk: Chunk, expires_us: int, key: bytes) -> str:
    """The word that lets these very bytes in at this place until then.

    It says until when, and carries the HMAC-SHA-256 of that and of the chunk: what it allows stands
    in the request's own line and headers.
    """
    expires = str(expires_us)
    return f"{expires}.{_tag(chunk, expires, key)}"


def is_granted(grant: str, chunk: Chunk, key: bytes, now_us: int) -> bool:
    """Whether a grant is genuine, is for this chunk, and has not expired."""
    expires, _, tag = grant.partition(".")
    genuine = _tag(chunk, expires, key).encode("ascii")
    return hmac.compare_digest(genuine, tag.encode("utf-8", "replace")) and now_us < int(expires)


def _tag(chunk: Chunk, expires: str, key: bytes) -> str:
    reach = f"{chunk.recording_id}/{chunk.first_byte}/{chunk.end_byte}"
    told = f"{reach}/{chunk.sha256}/{expires}".encode("utf-8", "replace")
    return hmac.digest(key, told, "sha256").hex()


def content_digest(sha256: str) -> str:
    """The Content-Digest header of a hex digest (RFC 9530)."""
    return f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:"


def read_content_digest(text: str) -> str:
    """The hex SHA-256 named in a Content-Digest header.

    Raises:
        Refusal: DIGEST_MISSING.
    """
    usual = _USUAL.fullmatch(text)
    if usual is not None:
        return binascii.a2b_base64(usual[1]).hex()
    for member in text.split(","):
        name, _, value = member.strip().partition("=")
        if name.lower() == "sha-256" and len(value) > 2 and value[0] == value[-1] == ":":
            try:
                digest = base64.b64decode(value[1:-1], validate=True)
            except ValueError:
                break
            if len(digest) == _SHA256_BYTES:
                return digest.hex()
    raise refusal("DIGEST_MISSING")
