"""The server's private keys: ticket issuer, receipts, grants. Files of 0600, never shown."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from zhishiyun_protocol.signing import SigningKey, key_id
from zhishiyun_server.keep.durable import write_durably
from zhishiyun_server.keep.home import Home


@dataclass(frozen=True, slots=True)
class Keys:
    """What the server signs with."""

    issuer: SigningKey
    receipts: SigningKey
    grants: bytes  # HMAC key

    def trusted_issuers(self) -> dict[str, bytes]:
        """Key id → public bytes of those whose tickets count here."""
        public = self.issuer.public_bytes()
        return {key_id(public): public}


def make_keys(home: Home) -> None:
    """Create the keys that are not there yet."""
    for name in ("issuer", "receipts", "grants"):
        path = home.keys / name
        if not path.is_file():
            write_durably(path, secrets.token_bytes(32))


def read_keys(home: Home) -> Keys:
    """The keys of a server's folder."""
    return Keys(
        issuer=SigningKey.from_bytes((home.keys / "issuer").read_bytes()),
        receipts=SigningKey.from_bytes((home.keys / "receipts").read_bytes()),
        grants=(home.keys / "grants").read_bytes(),
    )
