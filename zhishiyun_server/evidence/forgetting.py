"""Deleting what may not be kept any longer: tables, photos, recordings; and a signed word of it."""

from __future__ import annotations

import msgspec

from zhishiyun_protocol.signing import canonical_json, to_text
from zhishiyun_server.keep import chunks, expiry
from zhishiyun_server.keep.expiry import Due
from zhishiyun_server.keep.recordings import recordings_of
from zhishiyun_server.premises import Premises


class Deletion(msgspec.Struct, frozen=True, kw_only=True):
    """What was deleted, without saying whose it was to who does not know the ticket id."""

    exam_id: str
    ticket_id: str
    attempt_id: str
    why: str  # "retention" or "request"
    at_us: int
    chunks: int
    evidence_bytes: int
    photos: int


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """The server's word; signed like a receipt, under a name of its own."""

    deletion: Deletion
    signature: str


def forget_due(premises: Premises, now_us: int) -> tuple[Certificate, ...]:
    """Delete everything of everybody whose time is over. Thread: any but the event loop's.

    Raises:
        OSError, Refusal: a file or the store would not let go; the next run goes on with it.
    """
    whom = premises.database.read(lambda c: expiry.due(c, now_us))
    certificates = tuple(
        told for each in whom if (told := _forget(premises, each, now_us)) is not None
    )
    if certificates:
        premises.database.forget_freed()  # the journal still holds the pages as they were
    return certificates


def chunks_of(premises: Premises, recording_id: str) -> list[chunks.Chunk]:
    """All chunks of a recording, in order."""
    return premises.database.read(lambda c: chunks.of_recording(c, recording_id))


def _forget(premises: Premises, whom: Due, now_us: int) -> Certificate | None:
    """None: another process of this server did it just now."""
    database = premises.database
    database.write_now(lambda c: expiry.blank(c, whom, now_us))
    photos = database.read(lambda c: expiry.photos_left(c, whom.ticket_id))
    for digest in photos:
        premises.blobs.forget(digest)
    held = []
    for recording in database.read(lambda c: recordings_of(c, whom.attempt_id)):
        held += chunks_of(premises, recording.id)
        premises.shelf.forget(recording.id)
        premises.followers.forget(recording.id)
    deletion = Deletion(
        exam_id=whom.exam_id,
        ticket_id=whom.ticket_id,
        attempt_id=whom.attempt_id,
        why=whom.why,
        at_us=now_us,
        chunks=len(held),
        evidence_bytes=sum(chunk.end_byte - chunk.first_byte for chunk in held),
        photos=len(photos),
    )
    signature = premises.keys.receipts.sign("deletion", canonical_json(deletion))
    certificate = Certificate(deletion=deletion, signature=to_text(signature))
    told = msgspec.json.encode(certificate).decode()
    is_ours = database.write_now(lambda c: expiry.finish(c, whom, told, now_us))
    return certificate if is_ours else None
