"""Sealing: is everything here, does it hold? The answer is a signed receipt (design §3)."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, select

from zhishiyun_protocol.evidence.layout import Source
from zhishiyun_protocol.evidence.verify import Verdict
from zhishiyun_protocol.messages.evidence import Receipt, ReceiptBody, Seal, sign_receipt
from zhishiyun_protocol.messages.live import NewsKind
from zhishiyun_server.domain.facts import Facts
from zhishiyun_server.evidence.follower import Follower
from zhishiyun_server.evidence.ranges import missing
from zhishiyun_server.evidence.shelf import Look
from zhishiyun_server.keep import chunks
from zhishiyun_server.keep.audit import alarm, note
from zhishiyun_server.keep.facts import facts_of
from zhishiyun_server.keep.heads import heads_after, is_genuine
from zhishiyun_server.keep.newsroom import tell
from zhishiyun_server.keep.recordings import Recording, recording_of
from zhishiyun_server.keep.tables import recordings
from zhishiyun_server.keep.tokens import new_id
from zhishiyun_server.premises import Premises
from zhishiyun_server.problems import refusal

MOST_HOLES = 200  # told at once; the client asks again anyway
SEALED_NEWS = {Source.COMPUTER: NewsKind.STATE, Source.PHONE: NewsKind.PHONE}
UNFINISHED = {"LOG_NOT_ENDED", "LOG_TAIL_UNSIGNED"}


async def seal_recording(premises: Premises, recording_id: str, seal: Seal) -> Receipt:
    """Verify and sign; the same seal again gives the same receipt.

    Raises:
        Refusal: RANGES_MISSING with the holes, SEAL_WRONG, ALREADY_SEALED, NOT_ENTERED.
    """
    database = premises.database
    known, recording = database.read(
        lambda c: (_sealed_before(c, recording_id), recording_of(c, recording_id))
    )
    if known is not None:
        return _same_or_refuse(known, seal)
    if recording is None or recording.begun_us is None:
        raise refusal("NOT_ENTERED")
    await premises.shelf.discover(recording_id, premises.clock.now_us(), Look.WHOLE)
    ranges, wanted = database.read(
        lambda c: (chunks.held(c, recording_id), chunks.wanted_of(c, recording_id))
    )
    if holes := missing(ranges, seal.length) or wanted:
        raise refusal("RANGES_MISSING", missing=holes[:MOST_HOLES])
    follower = await premises.followers.settled(recording_id)
    verdict = follower.verdict()
    fault = _fault(verdict, seal, ranges[-1][1] if ranges else 0)
    later = database.read(lambda c: heads_after(c, recording_id, seal.records))
    if not fault and any(
        is_genuine(recording_id, recording.device_key, head) for head in later.values()
    ):
        fault = "LOG_CUT_SHORT"  # the device signed for records that the seal leaves out
    if fault:
        now_us = premises.clock.now_us()
        await database.write(lambda c: alarm(c, now_us, recording_id, fault, "at the seal"))
        raise refusal("SEAL_WRONG", detail=fault)
    facts = database.read(lambda c: facts_of(c, recording.attempt_id))
    receipt = _receipt(premises, facts, follower, verdict)
    kept = await database.write(lambda c: _keep(c, recording, seal, receipt))
    premises.switchboard.ring(recording.attempt_id)
    return kept


def _fault(verdict: Verdict, seal: Seal, held_to: int) -> str:
    """Why the seal does not fit what is here; "" when it does."""
    for fault in verdict.faults:
        if fault not in UNFINISHED:
            return fault
    here = (verdict.length, verdict.records, verdict.head, held_to)
    return "" if here == (seal.length, seal.records, seal.head, seal.length) else "SEAL_WRONG"


def _receipt(premises: Premises, facts: Facts, follower: Follower, verdict: Verdict) -> Receipt:
    now_us = premises.clock.now_us()
    header = follower.verifier.header
    formal = facts.formal and not follower.demonstration
    body = ReceiptBody(
        receipt_id=new_id("rc"),
        attempt_id=follower.expected.recording_id,
        exam_id=facts.exam_id,
        plan_sha256=facts.plan_sha256,
        formal=formal and header is not None and header.formal and header.speed == 1.0,
        length=verdict.length,
        records=verdict.records,
        head=verdict.head,
        sha256=verdict.sha256,
        coverage=verdict.coverage,
        gaps=len(verdict.gaps),
        complete=verdict.is_whole,
        late=now_us > facts.upload_due_us(),
        issued_us=now_us,
        keep_until=facts.plan.retention.client_until,
    )
    return sign_receipt(body, premises.keys.receipts)


def _keep(connection: Connection, recording: Recording, seal: Seal, receipt: Receipt) -> Receipt:
    known = _sealed_before(connection, recording.id)
    if known is not None:
        return _same_or_refuse(known, seal)
    connection.execute(
        recordings.update()
        .where(recordings.c.id == recording.id)
        .values(seal=msgspec.json.encode(seal), receipt=msgspec.json.encode(receipt))
    )
    tell(connection, recording.attempt_id, SEALED_NEWS[recording.source], receipt.body.issued_us)
    note(connection, receipt.body.issued_us, "evidence.sealed", recording.id, receipt.digest())
    return receipt


def _sealed_before(connection: Connection, recording_id: str) -> tuple[Seal, Receipt] | None:
    row = connection.execute(
        select(recordings.c.seal, recordings.c.receipt).where(recordings.c.id == recording_id)
    ).first()
    if row is None or row.receipt is None:
        return None
    return (
        msgspec.json.decode(row.seal, type=Seal),
        msgspec.json.decode(row.receipt, type=Receipt),
    )


def _same_or_refuse(known: tuple[Seal, Receipt], seal: Seal) -> Receipt:
    if known[0] != seal:
        raise refusal("ALREADY_SEALED")
    return known[1]
