"""Bytes of the evidence log: header and records (docs/evidence-log.md). All integers big-endian.

Header:  magic "ZSYLOG1\\n" ‖ u32 n ‖ n bytes canonical JSON (`LogHeader`).
Record:  80-byte record header ‖ payload ‖ 8 closing bytes (the first 8 of the record's digest).
Chain:   h₀ = SHA-256(header); hᵢ = SHA-256(record header ‖ payload); a record header holds hᵢ₋₁.
"""

from __future__ import annotations

import enum
import hashlib
import struct

import msgspec

from zhishiyun_protocol.errors import Refused
from zhishiyun_protocol.signing import canonical_json

MAGIC = b"ZSYLOG1\n"
MARKER = 0x5A524543  # "ZREC"
RECORD_HEADER = struct.Struct(">IIQIBBHqqII32s")
CLOSING_BYTES = 8
OVERHEAD_BYTES = RECORD_HEADER.size + CLOSING_BYTES
MAX_PAYLOAD_BYTES = 8 * 1024 * 1024  # a 4K key frame stays far below; anything larger is damage
UNKNOWN_ERROR_US = 0xFFFF_FFFF
_LENGTH = struct.Struct(">I")
_MAX_HEADER_BYTES = 64 * 1024


class Kind(enum.IntEnum):
    """What a record is. Kinds below 16 are plain JSON; from 16 on the payload is sealed."""

    RUN = 1  # one life of the recorder begins
    STREAM = 2  # a track's stream begins: container, codec, size
    GAP = 3  # something is missing, with its cause
    CHECKPOINT = 4  # the chain so far, signed by the device key
    ACK = 5  # the server's word on what it holds
    QUALITY = 6  # counts: frames, drops, ladder steps
    END = 7  # the recording is complete
    PACKET = 16  # media bytes of one track
    MARK = 17  # phases, stages, what was shown
    FINDING = 18  # what the guard saw
    CHAT = 19  # help conversation
    DEVICE = 20  # devices chosen, lost, changed

    @property
    def is_sealed(self) -> bool:
        """Whether the payload is encrypted."""
        return self >= Kind.PACKET


class Track(enum.IntEnum):
    """Who speaks: 0 for the recorder itself."""

    NONE = 0
    CAMERA = 1
    MICROPHONE = 2
    SCREEN = 3
    PHONE = 4  # picture and sound in one stream


class Flag(enum.IntFlag):
    """Bits of the record header."""

    NONE = 0
    KEY_FRAME = 1


class Source(enum.StrEnum):
    """Who made a recording."""

    COMPUTER = "computer"
    PHONE = "phone"


class LogHeader(msgspec.Struct, frozen=True, kw_only=True):
    """What the first bytes of a log say; readable by anybody.

    attempt_id: names the recording; a computer's is called like its attempt
    """

    attempt_id: str
    exam_id: str
    plan_sha256: str
    device_key: str  # base64url Ed25519: signs checkpoints
    server_key: str  # base64url Ed25519: signs receipts
    key_check: str  # first 16 hex of SHA-256("zhishiyun evidence key v1\0" ‖ key)
    created_us: int
    formal: bool
    speed: float = 1.0
    source: Source | msgspec.UnsetType = msgspec.UNSET  # left out by the computer

    @property
    def made_by(self) -> Source:
        """Who made this log."""
        return Source.COMPUTER if self.source is msgspec.UNSET else self.source


class RecordHeader(msgspec.Struct, frozen=True):
    """The fixed part of a record.

    monotonic_us: the machine's monotonic clock, µs (for PACKET: when the frame was taken)
    server_us ± error_us: the exam's clock as known then
    duration_us: for PACKET, how long it stands at most; else 0
    """

    sequence: int
    run: int
    kind: int
    track: int
    flags: int
    monotonic_us: int
    server_us: int
    error_us: int
    duration_us: int
    payload_bytes: int
    previous: bytes

    def pack(self) -> bytes:
        """The 80 bytes; also the authenticated data of a sealed payload."""
        return RECORD_HEADER.pack(
            MARKER,
            self.payload_bytes,
            self.sequence,
            self.run,
            self.kind,
            self.track,
            self.flags,
            self.monotonic_us,
            self.server_us,
            self.error_us,
            self.duration_us,
            self.previous,
        )


class Record(msgspec.Struct, frozen=True):
    """One whole record as it lies in the file at `offset`."""

    header: RecordHeader
    payload: bytes
    digest: bytes
    offset: int

    @property
    def end(self) -> int:
        """First byte after the record."""
        return self.offset + OVERHEAD_BYTES + len(self.payload)


def encode_header(header: LogHeader) -> bytes:
    """The header's bytes; their SHA-256 is the chain's first link."""
    body = canonical_json(header)
    return MAGIC + _LENGTH.pack(len(body)) + body


def encode_record(header: RecordHeader, payload: bytes) -> tuple[bytes, bytes]:
    """A record's bytes and its digest (the next record's `previous`)."""
    packed = header.pack()
    digest = hashlib.sha256(packed + payload).digest()
    return packed + payload + digest[:CLOSING_BYTES], digest


def decode_header(data: bytes) -> tuple[LogHeader, int] | None:
    """The header and its length in bytes; None when `data` is still too short.

    Raises:
        Refused: LOG_FOREIGN: these are not the first bytes of an evidence log.
    """
    if not data.startswith(MAGIC[: len(data)]):
        raise foreign()
    start = len(MAGIC) + _LENGTH.size
    if len(data) < start:
        return None
    (length,) = _LENGTH.unpack_from(data, len(MAGIC))
    if length > _MAX_HEADER_BYTES:
        raise foreign()
    if len(data) < start + length:
        return None
    try:
        header = msgspec.json.decode(data[start : start + length], type=LogHeader)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise foreign() from error
    return header, start + length


def decode_record(data: bytes | bytearray | memoryview, at: int, offset: int) -> Record | None:
    """The record at `data[at:]`, which lies at `offset` in the file; None when it is not whole.

    Raises:
        Refused: LOG_DAMAGED: the bytes there are no record.
    """
    if len(data) - at < RECORD_HEADER.size:
        return None
    fields = RECORD_HEADER.unpack_from(data, at)
    marker, payload_bytes = fields[0], fields[1]
    if marker != MARKER or payload_bytes > MAX_PAYLOAD_BYTES:
        raise damaged(offset)
    end = at + OVERHEAD_BYTES + payload_bytes
    if len(data) < end:
        return None
    with memoryview(data) as view, view[at : end - CLOSING_BYTES] as body:
        digest = hashlib.sha256(body).digest()
        is_whole = digest[:CLOSING_BYTES] == view[end - CLOSING_BYTES : end]
        payload = bytes(body[RECORD_HEADER.size :])
    if not is_whole:
        raise damaged(offset)
    _, _, sequence, run, kind, track, flags, taken_us, server_us, error_us, lasts_us, previous = (
        fields
    )
    header = RecordHeader(
        sequence,
        run,
        kind,
        track,
        flags,
        taken_us,
        server_us,
        error_us,
        lasts_us,
        payload_bytes,
        previous,
    )
    return Record(header, payload, digest, offset)


def foreign() -> Refused:
    """The error for bytes that are no evidence log at all."""
    return Refused(
        "LOG_FOREIGN",
        "This file is not an evidence log of this system.",
        "该文件不是本系统的录制证据文件。",
    )


def damaged(offset: int) -> Refused:
    """The error for a log whose bytes at `offset` are no whole record."""
    return Refused(
        "LOG_DAMAGED",
        f"The evidence log is damaged at byte {offset}: what follows cannot be trusted.",
        f"录制证据文件在第 {offset} 字节处损坏，其后的内容无法采信。",
        offset=offset,
    )
