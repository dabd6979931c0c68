"""Takes in a bundle from a stick: first proved whole, then kept like an upload (R190)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from zhishiyun_protocol.bundle import (
    DIGEST_BYTES,
    LARGEST_LABEL_BYTES,
    MAGIC,
    BundleLabel,
    decode_head,
)
from zhishiyun_protocol.errors import Refused
from zhishiyun_protocol.evidence.verify import Verifier
from zhishiyun_protocol.messages.evidence import Receipt
from zhishiyun_server.evidence.ranges import Range, missing, overlap
from zhishiyun_server.evidence.sealed import seal_recording
from zhishiyun_server.evidence.shelf import Look
from zhishiyun_server.keep import chunks
from zhishiyun_server.keep.chunks import Chunk
from zhishiyun_server.keep.recordings import recording_of
from zhishiyun_server.premises import Premises

PIECE_BYTES = 1024 * 1024


async def import_bundle(premises: Premises, path: Path) -> Receipt:
    """Check, keep what is missing, compare what is held, seal.

    Raises:
        Refused: BUNDLE_FOREIGN, BUNDLE_DAMAGED, BUNDLE_OF_ANOTHER_EXAM, BUNDLE_NOT_THE_SAME, or
            the seal's own refusal.
    """
    label, start = _checked(path)
    premises.shelf.require_space(label.seal.length)
    _require_recording(premises, label.attempt_id)
    _prove(premises, path, label, start)
    await premises.shelf.discover(label.attempt_id, premises.clock.now_us(), Look.WHOLE)
    held = premises.database.read(lambda c: chunks.held(c, label.attempt_id))
    _compare(premises, path, label, start)
    for hole in missing(held, label.seal.length):
        for piece in _pieces(hole):
            await _keep(premises, path, label.attempt_id, start, piece)
    return await seal_recording(premises, label.attempt_id, label.seal)


def _checked(path: Path) -> tuple[BundleLabel, int]:
    """The label of a bundle whose length and digest are right."""
    with path.open("rb") as file:
        head = file.read(len(MAGIC) + 4 + LARGEST_LABEL_BYTES)
    label, start = decode_head(head)
    size = path.stat().st_size
    if size != start + label.seal.length + DIGEST_BYTES:
        raise _damaged("its length is wrong, it was cut", "长度不符，文件不完整")
    digest = hashlib.sha256()
    for _, piece in _read(path, 0, (0, size - DIGEST_BYTES)):
        digest.update(piece)
    with path.open("rb") as file:
        file.seek(size - DIGEST_BYTES)
        if file.read() != digest.digest():
            raise _damaged("its digest does not fit", "校验值不符")
    return label, start


def _require_recording(premises: Premises, recording_id: str) -> None:
    found = premises.database.read(lambda c: recording_of(c, recording_id))
    if found is None or found.begun_us is None:
        raise _of_another()


def _prove(premises: Premises, path: Path, label: BundleLabel, start: int) -> None:
    """The log inside is this recording's and fits its seal, before a byte of it is kept."""
    verifier = Verifier()
    for _, piece in _read(path, start, (0, label.seal.length)):
        verifier.feed(piece)
    verdict = verifier.verdict()
    serious = [f for f in verdict.faults if f not in ("LOG_NOT_ENDED", "LOG_TAIL_UNSIGNED")]
    if serious:
        raise _damaged(f"the log inside says {serious[0]}", f"其中的录像校验失败（{serious[0]}）")
    header = verifier.header
    expected = premises.followers.expected(label.attempt_id)
    if header is None or expected.fault_of(header):
        raise _of_another()
    if (verdict.length, verdict.head) != (label.seal.length, label.seal.head):
        raise _damaged("the seal does not fit the log", "封存信息与录像不符")


def _compare(premises: Premises, path: Path, label: BundleLabel, start: int) -> None:
    """What is held already must be identical (R189)."""
    for chunk in premises.database.read(lambda c: chunks.of_recording(c, label.attempt_id)):
        reach = (chunk.first_byte, chunk.end_byte)
        digest = hashlib.sha256()
        for _, piece in _read(path, start, reach):
            digest.update(piece)
        fits = bool(overlap([(0, label.seal.length)], reach) == (reach,))
        if not fits or digest.hexdigest() != chunk.sha256:
            raise Refused(
                "BUNDLE_NOT_THE_SAME",
                f"The bundle differs from what was uploaded, at byte {chunk.first_byte}.",
                f"该文件与已上传的录像在第 {chunk.first_byte} 字节处不一致。",
            )


async def _keep(
    premises: Premises, path: Path, recording_id: str, start: int, piece: Range
) -> None:
    part = premises.shelf.begin(recording_id)
    try:
        for _, content in _read(path, start, piece):
            part.write(content)
        chunk = Chunk(recording_id, piece[0], piece[1], part.sha256)
        await premises.shelf.keep(part, chunk, premises.clock.now_us())
    finally:
        part.discard()


def _pieces(hole: Range) -> Iterator[Range]:
    for first in range(hole[0], hole[1], PIECE_BYTES):
        yield first, min(first + PIECE_BYTES, hole[1])


def _read(path: Path, start: int, reach: Range) -> Iterator[tuple[int, bytes]]:
    """The bytes of a range of the log, with their place."""
    with path.open("rb") as file:
        file.seek(start + reach[0])
        at = reach[0]
        while at < reach[1]:
            piece = file.read(min(PIECE_BYTES, reach[1] - at))
            if not piece:
                return
            yield at, piece
            at += len(piece)


def _damaged(en: str, zh: str) -> Refused:
    return Refused(
        "BUNDLE_DAMAGED",
        f"The bundle is damaged: {en}. Export it again and try once more.",
        f"证据包已损坏：{zh}。请重新导出后再试。",
    )


def _of_another() -> Refused:
    return Refused(
        "BUNDLE_OF_ANOTHER_EXAM",
        "The recording in this bundle belongs to no attempt of this server.",
        "该证据包中的录像不属于本服务器上的任何考试。",
    )
