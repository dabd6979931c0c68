"""The worked example of docs/evidence-log.md: fixed keys, fixed times, four records."""

from __future__ import annotations

import hashlib

from tests.client.evidence.logs import KEY, SIGNER, header
from zhishiyun_protocol.evidence.chain import Head
from zhishiyun_protocol.evidence.contents import Cause, Checkpoint, End, Run
from zhishiyun_protocol.evidence.layout import (
    UNKNOWN_ERROR_US,
    Flag,
    Kind,
    RecordHeader,
    Track,
    encode_header,
    encode_record,
)
from zhishiyun_protocol.evidence.sealing import TAG_BYTES, Sealer
from zhishiyun_protocol.evidence.verify import HEAD_PURPOSE, head_statement
from zhishiyun_protocol.signing import canonical_json, to_text

BEGAN_US = 1_000_000
PLAIN = b"picture"


def example() -> bytes:
    """RUN, one sealed PACKET, END, CHECKPOINT."""
    log = encode_header(header())
    digest = hashlib.sha256(log).digest()
    run = Run(
        run=1,
        cause=Cause.START,
        boot_id="boot",
        monotonic_us=BEGAN_US,
        timeline_us=0,
        client_version="0.1.0",
    )
    for number, (kind, plain) in enumerate(
        (
            (Kind.RUN, canonical_json(run)),
            (Kind.PACKET, PLAIN),
            (Kind.END, canonical_json(End(why="candidate", counts=()))),
            (Kind.CHECKPOINT, b""),
        )
    ):
        payload = plain
        if kind is Kind.CHECKPOINT:
            head = Head(number, len(log), digest, 1)
            signature = SIGNER.sign(HEAD_PURPOSE, head_statement("attempt-1", head))
            payload = canonical_json(
                Checkpoint(
                    records=number,
                    length=len(log),
                    head=digest.hex(),
                    signature=to_text(signature),
                )
            )
        is_packet = kind is Kind.PACKET
        record = RecordHeader(
            sequence=number,
            run=1,
            kind=kind,
            track=Track.CAMERA if is_packet else Track.NONE,
            flags=Flag.KEY_FRAME if is_packet else Flag.NONE,
            monotonic_us=BEGAN_US + number,
            server_us=0,
            error_us=UNKNOWN_ERROR_US,
            duration_us=200_000 if is_packet else 0,
            payload_bytes=len(payload) + (TAG_BYTES if is_packet else 0),
            previous=digest,
        )
        if is_packet:
            payload = Sealer(KEY).seal(record, payload)
        data, digest = encode_record(record, payload)
        log += data
    return log
