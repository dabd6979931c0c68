"""Grants: where one chunk goes, as a short-lived signed word (design §4)."""

from __future__ import annotations

import base64
import hashlib
import hmac

import msgspec

from zhishiyun_protocol.errors import Refused
from zhishiyun_protocol.signing import canonical_json, from_text, to_text
from zhishiyun_server.problems import refusal

LIVES_REAL_S = 600


class GrantWord(msgspec.Struct, frozen=True, kw_only=True):
    """What a grant allows: these very bytes at this place until then."""

    recording_id: str
    first_byte: int
    length: int
    sha256: str
    expires_us: int


def write_grant(word: GrantWord, key: bytes) -> str:
    """The word and its HMAC-SHA-256, as a header's text."""
    payload = canonical_json(word)
    return f"{to_text(payload)}.{to_text(hmac.digest(key, payload, 'sha256'))}"


def read_grant(text: str, key: bytes, now_us: int) -> GrantWord:
    """Check a grant.

    Raises:
        Refusal: GRANT_WRONG.
    """
    payload_text, _, tag_text = text.partition(".")
    try:
        payload, tag = from_text(payload_text), from_text(tag_text)
        genuine = hmac.compare_digest(hmac.digest(key, payload, "sha256"), tag)
        word = msgspec.json.decode(payload, type=GrantWord) if genuine else None
    except (Refused, msgspec.DecodeError):
        word = None
    if word is None or word.expires_us <= now_us:
        raise refusal("GRANT_WRONG")
    return word


def content_digest(sha256: str) -> str:
    """The Content-Digest header of a hex digest (RFC 9530)."""
    return f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:"


def read_content_digest(text: str) -> str:
    """The hex SHA-256 named in a Content-Digest header.

    Raises:
        Refusal: DIGEST_MISSING.
    """
    for member in text.split(","):
        name, _, value = member.strip().partition("=")
        if name.lower() == "sha-256" and len(value) > 2 and value[0] == value[-1] == ":":
            try:
                digest = base64.b64decode(value[1:-1], validate=True)
            except ValueError:
                break
            if len(digest) == hashlib.sha256().digest_size:
                return digest.hex()
    raise refusal("DIGEST_MISSING")
