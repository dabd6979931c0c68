"""The bundle on a stick: the same log and its seal as one file (docs/wire.md).

    ZSYBNDL1\\n ‖ u32 n ‖ n bytes JSON `BundleLabel` ‖ the log ‖ SHA-256 of everything before (32)

Integers are big-endian. The log is as long as the seal says.
"""

from __future__ import annotations

import struct

import msgspec

from zhishiyun_protocol.errors import Refused
from zhishiyun_protocol.messages.evidence import Seal
from zhishiyun_protocol.signing import canonical_json

MAGIC = b"ZSYBNDL1\n"
SUFFIX = ".zsybundle"
DIGEST_BYTES = 32
LARGEST_LABEL_BYTES = 64 * 1024
_LENGTH = struct.Struct(">I")


class BundleLabel(msgspec.Struct, frozen=True, kw_only=True):
    """What is written in front of the log."""

    attempt_id: str
    seal: Seal


def encode_head(label: BundleLabel) -> bytes:
    """Everything before the log."""
    body = canonical_json(label)
    return MAGIC + _LENGTH.pack(len(body)) + body


def decode_head(data: bytes) -> tuple[BundleLabel, int]:
    """The label and where the log begins; `data` is the file's first 64 KiB or more.

    Raises:
        Refused: BUNDLE_FOREIGN.
    """
    start = len(MAGIC) + _LENGTH.size
    if not data.startswith(MAGIC) or len(data) < start:
        raise foreign()
    (length,) = _LENGTH.unpack_from(data, len(MAGIC))
    if length > LARGEST_LABEL_BYTES or len(data) < start + length:
        raise foreign()
    try:
        label = msgspec.json.decode(data[start : start + length], type=BundleLabel)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise foreign() from error
    return label, start + length


def foreign() -> Refused:
    """The error for a file that is no bundle."""
    return Refused(
        "BUNDLE_FOREIGN",
        "This file is not an exported recording of this system.",
        "该文件不是本系统导出的录像文件。",
    )
