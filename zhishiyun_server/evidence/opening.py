"""Opens a recording as far as it has arrived whole, for export."""

from __future__ import annotations

from pathlib import Path

from zhishiyun_protocol.errors import Refused
from zhishiyun_server.evidence.unsealing import Opened, Unsealer
from zhishiyun_server.keep import chunks
from zhishiyun_server.keep.recordings import Recording
from zhishiyun_server.premises import Premises


def open_recording(premises: Premises, recording: Recording, work: Path) -> Opened | None:
    """Its streams in files of `work`, everything else told; None where nothing has arrived.

    Raises:
        Refused: LOG_WRONG_KEY or EVIDENCE_EXPIRED.
    """
    if not recording.evidence_key:
        raise Refused(
            "EVIDENCE_EXPIRED",
            f"The recording {recording.id} was deleted when its time was over.",
            f"{recording.id} 的录像保存期限已到，已按规定删除。",
        )
    premises.shelf.discover_all(recording.id, premises.clock.now_us())
    held = premises.database.read(lambda c: chunks.contiguous(c, recording.id, 0))
    if not held:
        return None
    work.mkdir(mode=0o700)
    unsealer = Unsealer(recording.evidence_key, work)
    return unsealer.read(premises.shelf.open(chunk) for chunk in held)
