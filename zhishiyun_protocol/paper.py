"""Sealed papers: fetched early by all, opened by nobody before the key is released (R122, R123).

Form: ``ZSYPAPER1\\n`` ‖ u32 length of the JSON label ‖ label ‖ 12-byte nonce ‖ AES-256-GCM.
The label (exam, subject, language, media type, digest) is authenticated, not secret.
"""

from __future__ import annotations

import hashlib
import os
import struct

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from zhishiyun_protocol import release
from zhishiyun_protocol.errors import Refused

MAGIC = b"ZSYPAPER1\n"
NONCE_BYTES = 12
_LENGTH = struct.Struct(">I")


class PaperLabel(msgspec.Struct, frozen=True, kw_only=True):
    """What is written on the envelope."""

    exam_id: str
    paper_id: str
    subject: str = ""
    language: str = "zh"
    title: str = ""
    media_type: str = "application/pdf"
    plain_sha256: str = ""
    spare: str = ""  # the key once more, locked with the release code


def seal(label: PaperLabel, content: bytes, key: bytes) -> bytes:
    """Put `content` under `key` (32 bytes) into an envelope labelled `label`."""
    label = msgspec.structs.replace(
        label,
        plain_sha256=hashlib.sha256(content).hexdigest(),
        spare=release.lock(key, label.paper_id),
    )
    head = msgspec.json.encode(label)
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, content, MAGIC + head)
    return MAGIC + _LENGTH.pack(len(head)) + head + nonce + sealed


def read_label(envelope: bytes) -> PaperLabel:
    """What is written outside.

    Raises:
        Refused: PAPER_DAMAGED.
    """
    return _parts(envelope)[1]


def unseal(envelope: bytes, key: bytes) -> tuple[PaperLabel, bytes]:
    """Open an envelope.

    Raises:
        Refused: PAPER_DAMAGED (not an envelope, cut, altered) or PAPER_WRONG_KEY.
    """
    head, label, nonce, sealed = _parts(envelope)
    try:
        content = AESGCM(key).decrypt(nonce, sealed, MAGIC + head)
    except (InvalidTag, ValueError) as error:
        raise Refused(
            "PAPER_WRONG_KEY",
            "The key does not open this paper, or the paper was altered.",
            "密钥与试题不符，或试题文件被改动。请点【刷新题目】重新获取。",
        ) from error
    if hashlib.sha256(content).hexdigest() != label.plain_sha256:
        raise _damaged()
    return label, content


def key_by_code(envelope: bytes, code: str) -> bytes:
    """The key of an envelope by its spoken release code. Takes a tenth of a second.

    Raises:
        Refused: PAPER_DAMAGED, RELEASE_MISTYPED, RELEASE_FOREIGN, RELEASE_WRONG, RELEASE_NONE.
    """
    label = read_label(envelope)
    return release.unlock(code, label.paper_id, label.spare)


def _parts(envelope: bytes) -> tuple[bytes, PaperLabel, bytes, bytes]:
    if not envelope.startswith(MAGIC) or len(envelope) < len(MAGIC) + _LENGTH.size:
        raise _damaged()
    (length,) = _LENGTH.unpack_from(envelope, len(MAGIC))
    start = len(MAGIC) + _LENGTH.size
    head, rest = envelope[start : start + length], envelope[start + length :]
    if len(head) != length or len(rest) < NONCE_BYTES + 16:
        raise _damaged()
    try:
        label = msgspec.json.decode(head, type=PaperLabel)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _damaged() from error
    return head, label, rest[:NONCE_BYTES], rest[NONCE_BYTES:]


def _damaged() -> Refused:
    return Refused(
        "PAPER_DAMAGED",
        "The paper is damaged or incomplete. Fetch or import it again.",
        "试题文件损坏或不完整。请重新获取或重新导入。",
    )
