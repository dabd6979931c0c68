"""AES-256-GCM over payloads: nonce = run ‖ sequence number, so no crash can use one twice."""

from __future__ import annotations

import hashlib
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from zhishiyun_protocol.errors import Refused
from zhishiyun_protocol.evidence.layout import Record, RecordHeader

TAG_BYTES = 16
_NONCE = struct.Struct(">IQ")


def key_check(key: bytes) -> str:
    """Names a key without telling it."""
    return hashlib.sha256(b"zhishiyun evidence key v1\0" + key).hexdigest()[:16]


class Sealer:
    """Seals and opens the payloads of one attempt.

    Thread: any.
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, header: RecordHeader, plain: bytes) -> bytes:
        """Ciphertext and tag; `header.payload_bytes` must already count the tag."""
        return self._cipher.encrypt(_NONCE.pack(header.run, header.sequence), plain, header.pack())

    def open(self, record: Record) -> bytes:
        """The plaintext of a sealed record.

        Raises:
            Refused: LOG_WRONG_KEY: another attempt's key, or the record was altered.
        """
        header = record.header
        try:
            nonce = _NONCE.pack(header.run, header.sequence)
            return self._cipher.decrypt(nonce, record.payload, header.pack())
        except InvalidTag as error:
            raise Refused(
                "LOG_WRONG_KEY",
                "The key does not open this recording.",
                "密钥与该录像不符，无法打开。",
            ) from error
