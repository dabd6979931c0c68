"""A receipt as a server signs it."""

from __future__ import annotations

from zhishiyun_protocol.messages.evidence import (
    Receipt,
    ReceiptBody,
    TrackCoverage,
    sign_receipt,
)
from zhishiyun_protocol.signing import SigningKey


def signed_receipt(receipt_id: str = "rc-1", key: SigningKey | None = None) -> Receipt:
    """A whole recording of a minute."""
    covered = TrackCoverage(track="camera", seconds=60, covered=60, packets=900, missing=())
    body = ReceiptBody(
        receipt_id=receipt_id,
        attempt_id="at-1",
        exam_id="e1",
        plan_sha256="0" * 64,
        formal=False,
        length=1000,
        records=10,
        head="ab" * 32,
        sha256="cd" * 32,
        coverage=(covered,),
        gaps=0,
        complete=True,
        late=False,
        issued_us=1_800_000_000_000_000,
        keep_until="results",
    )
    return sign_receipt(body, key or SigningKey.generate())
