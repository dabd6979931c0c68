"""Random tokens: the holder has the text, the server keeps only its hash."""

from __future__ import annotations

import hashlib
import secrets

from zhishiyun_protocol.signing import to_text


def new_token() -> str:
    """32 random bytes as text."""
    return to_text(secrets.token_bytes(32))


def hash_of(token: str) -> str:
    """What is kept of a token; a full-entropy secret needs no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_id(prefix: str) -> str:
    """A random name: prefix and sixteen hex digits."""
    return f"{prefix}-{secrets.token_hex(8)}"
