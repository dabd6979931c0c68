"""The end of an upload: the seal is laid, the receipt checked and kept beside the log."""

from __future__ import annotations

from pathlib import Path

import msgspec

from zhishiyun_client.ports.api import EvidenceApi
from zhishiyun_client.runtime.durable import replace_durably
from zhishiyun_protocol.errors import Broken, Refused
from zhishiyun_protocol.messages.evidence import Receipt, Seal

SUFFIX = ".receipt.json"


def receipt_path(log: Path) -> Path:
    """Where the receipt of a log is kept."""
    return log.with_name(log.stem + SUFFIX)


def obtain(api: EvidenceApi, seal: Seal, attempt_id: str, server_key: bytes) -> Receipt:
    """Lay the seal and take the server's word on it.

    Raises:
        Refused: ranges are missing (`problem.missing`), or the seal does not fit.
        Transient: later.
        Broken: RECEIPT_FORGED.
    """
    try:
        receipt = api.seal(seal)
    except Refused as error:
        if error.code != "ALREADY_SEALED":
            raise
        receipt = api.receipt()
    check(receipt, seal, attempt_id, server_key)
    return receipt


def check(receipt: Receipt, seal: Seal, attempt_id: str, server_key: bytes) -> None:
    """Whether this receipt is the server's word on this very log.

    Raises:
        Broken: RECEIPT_FORGED.
    """
    body = receipt.body
    fits = (body.attempt_id, body.length, body.head) == (attempt_id, seal.length, seal.head)
    if not (fits and receipt.is_genuine(server_key)):
        raise Broken(
            "RECEIPT_FORGED",
            "The receipt's signature does not fit this exam server or this recording.",
            "回执的签名与考试服务器或本次录像不符，请联系技术服务人员。",
        )


def keep(receipt: Receipt, path: Path) -> None:
    """Write the receipt, whole or not at all, durable when this returns.

    Raises:
        Broken: RECEIPT_NOT_KEPT.
    """
    try:
        replace_durably(path, msgspec.json.format(msgspec.json.encode(receipt), indent=2))
    except OSError as error:
        raise Broken(
            "RECEIPT_NOT_KEPT",
            "The receipt cannot be written: the disk is full or read-only.",
            "回执无法写入磁盘，请检查磁盘空间。",
            errno=error.errno,
        ) from error


def kept(path: Path) -> Receipt | None:
    """The receipt kept before; None when there is none that can be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Receipt)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
