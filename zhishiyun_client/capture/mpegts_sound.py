"""Opus in MPEG-TS, one whole PES a packet: libavformat's muxer keeps small sound packets back.

Its `pes_payload_size` is rounded up to 170 bytes even when 0 is asked for, so a packet of speech
waits for the next one: 40 ms more lost at a kill (measured; mpegtsenc.c `mpegts_init`).

Source: ISO/IEC 13818-1 §2.4.3, §2.4.4; Opus in TS: ETSI TS 103 491 draft as FFmpeg reads it.
"""

from __future__ import annotations

import struct

PACKET_BYTES = 188
_SYNC = 0x47
_PAT_PID = 0x0000
_PMT_PID = 0x1000
_SOUND_PID = 0x0100
_PRIVATE_STREAM_1 = 0xBD
_STREAM_TYPE_PES_PRIVATE = 0x06
_OPUS_CONTROL = 0x7FE0  # eleven ones: prefix 0x3FF, no trimming, no extension
_TABLES_EVERY = 50  # packets of 40 ms: two seconds
_PTS_MASK = (1 << 33) - 1


class OpusTransport:
    """Wraps Opus packets; the pieces it returns, concatenated, are a transport stream."""

    def __init__(self, channels: int = 1) -> None:
        self._tables = (_pat(), _pmt(channels))
        self._counters = {_PAT_PID: 0, _PMT_PID: 0, _SOUND_PID: 0}
        self._count = 0

    def wrap(self, packet: bytes, pts_90khz: int) -> bytes:
        """One Opus packet as whole transport packets; tables in front when they are due."""
        out = bytearray()
        if self._count % _TABLES_EVERY == 0:
            out += self._section(_PAT_PID, self._tables[0])
            out += self._section(_PMT_PID, self._tables[1])
        self._count += 1
        self._add_pes(out, _pes(packet, pts_90khz), pts_90khz)
        return bytes(out)

    def _section(self, pid: int, section: bytes) -> bytes:
        payload = b"\0" + section
        head = self._head(pid, starts=True, has_field=False)
        return head + payload + b"\xff" * (PACKET_BYTES - 4 - len(payload))

    def _add_pes(self, out: bytearray, pes: bytes, pts: int) -> None:
        """Cut a PES into transport packets; the first carries the clock, the last is padded."""
        field = b"\x50" + _pcr(pts)  # random access, PCR
        at = 0
        while at < len(pes):
            room = PACKET_BYTES - 4 - (1 + len(field) if field else 0)
            piece = pes[at : at + room]
            padding = room - len(piece)
            if padding and not field:  # an adaptation field appears; its length byte is padding
                padding -= 1
                body = b"" if padding == 0 else b"\0" + b"\xff" * (padding - 1)
            else:
                body = field + b"\xff" * padding
            has_field = bool(field) or len(piece) < room
            out += self._head(_SOUND_PID, starts=at == 0, has_field=has_field)
            if has_field:
                out += bytes((len(body),)) + body
            out += piece
            at += len(piece)
            field = b""

    def _head(self, pid: int, *, starts: bool, has_field: bool) -> bytes:
        counter = self._counters[pid]
        self._counters[pid] = (counter + 1) & 0x0F
        control = (0x30 if has_field else 0x10) | counter
        return struct.pack(">BHB", _SYNC, (0x4000 if starts else 0) | pid, control)


def _pes(packet: bytes, pts: int) -> bytes:
    """A PES packet with its PTS around an Opus access unit with its control header."""
    size, control = len(packet), bytearray(struct.pack(">H", _OPUS_CONTROL))
    while size >= 255:
        control.append(255)
        size -= 255
    control.append(size)
    body = bytes(control) + packet
    # "10", aligned; PTS only; five bytes of PTS
    head = struct.pack(">BBB", 0x84, 0x80, 5) + _timestamp(pts)
    return struct.pack(">IH", 0x100 | _PRIVATE_STREAM_1, len(head) + len(body)) + head + body


def _timestamp(pts: int) -> bytes:
    pts &= _PTS_MASK
    return struct.pack(
        ">BHH",
        0x21 | (pts >> 29 & 0x0E),
        (pts >> 14 & 0xFFFE) | 1,
        (pts << 1 & 0xFFFE) | 1,
    )


def _pcr(base: int) -> bytes:
    base &= _PTS_MASK
    return struct.pack(">IH", base >> 1, (base & 1) << 15 | 0x7E00)


def _pat() -> bytes:
    body = struct.pack(">HBBBHH", 1, 0xC1, 0, 0, 1, 0xE000 | _PMT_PID)
    return _with_crc(struct.pack(">BH", 0x00, 0xB000 | len(body) + 4) + body)


def _pmt(channels: int) -> bytes:
    descriptors = b"\x05\x04Opus" + bytes((0x7F, 2, 0x80, channels))
    stream = struct.pack(
        ">BHH", _STREAM_TYPE_PES_PRIVATE, 0xE000 | _SOUND_PID, 0xF000 | len(descriptors)
    )
    body = struct.pack(">HBBBHH", 1, 0xC1, 0, 0, 0xE000 | _SOUND_PID, 0xF000)
    body += stream + descriptors
    return _with_crc(struct.pack(">BH", 0x02, 0xB000 | len(body) + 4) + body)


def _with_crc(section: bytes) -> bytes:
    """CRC-32/MPEG-2, annex A."""
    crc = 0xFFFFFFFF
    for byte in section:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF
    return section + struct.pack(">I", crc)
