"""Ed25519 signatures over domain-separated bytes, and the one JSON form that is signed."""

from __future__ import annotations

import base64
import hashlib

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from zhishiyun_protocol.errors import Refused


def canonical_json(value: object) -> bytes:
    """JSON with sorted keys and no spaces: the form that is hashed and signed."""
    return msgspec.json.encode(value, order="sorted")


def to_text(raw: bytes) -> str:
    """URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def from_text(text: str) -> bytes:
    """The bytes behind `to_text`; one text only stands for the same bytes.

    Raises:
        Refused: the text is not what `to_text` writes.
    """
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise _not_base64() from error
    if to_text(raw) != text:  # spare bits at the end would let a changed text pass
        raise _not_base64()
    return raw


def _not_base64() -> Refused:
    return Refused("NOT_BASE64", "A field is not base64.", "数据格式有误。")


def key_id(public_key: bytes) -> str:
    """Sixteen hex digits that name a public key."""
    return hashlib.sha256(public_key).hexdigest()[:16]


class SigningKey:
    """A private Ed25519 key that signs for one purpose at a time."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private

    @classmethod
    def generate(cls) -> SigningKey:
        """A new random key."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_bytes(cls, raw: bytes) -> SigningKey:
        """From the 32 raw private bytes."""
        return cls(Ed25519PrivateKey.from_private_bytes(raw))

    def private_bytes(self) -> bytes:
        """The 32 raw private bytes; keep them in the secret store only."""
        return self._private.private_bytes_raw()

    def public_bytes(self) -> bytes:
        """The 32 raw public bytes."""
        return self._private.public_key().public_bytes_raw()

    def sign(self, purpose: str, message: bytes) -> bytes:
        """Sign `message` for `purpose`; 64 bytes. A signature for one purpose fits no other."""
        return self._private.sign(_separated(purpose, message))


def is_signed(public_key: bytes, purpose: str, message: bytes, signature: bytes) -> bool:
    """Whether `signature` is that key's word on `message` for `purpose`."""
    try:
        key = Ed25519PublicKey.from_public_bytes(public_key)
        key.verify(signature, _separated(purpose, message))
    except (InvalidSignature, ValueError):
        return False
    return True


def _separated(purpose: str, message: bytes) -> bytes:
    return f"zhishiyun {purpose} v1\0".encode() + message
