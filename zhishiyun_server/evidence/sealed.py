"""Sealing: is everything here, does it hold? The answer is a signed receipt (design §3)."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, select

from zhishiyun_protocol.evidence.verify import Verdict
from zhishiyun_protocol.messages.evidence import Receipt, ReceiptBody, Seal, sign_receipt
from zhishiyun_protocol.messages.live import NewsKind
from zhishiyun_protocol.timing import SECOND_US
from zhishiyun_server.domain.facts import Facts
from zhishiyun_server.evidence.follower import Follower
from zhishiyun_server.evidence.ranges import missing
from zhishiyun_server.evidence.shelf import Look
from zhishiyun_server.keep import chunks
from zhishiyun_server.keep.audit import alarm, note
from zhishiyun_server.keep.facts import facts_of
from zhishiyun_server.keep.heads import heads_after, is_genuine
from zhishiyun_server.keep.newsroom import tell
from zhishiyun_server.keep.tables import attempts
from zhishiyun_server.keep.tokens import new_id
from zhishiyun_server.premises import Premises
from zhishiyun_server.problems import refusal

MOST_HOLES = 200  # told at once; the client asks again anyway
UNFINISHED = {"LOG_NOT_ENDED", "LOG_TAIL_UNSIGNED"}


async def seal_attempt(premises: Premises, attempt_id: str, seal: Seal) -> Receipt:
    """Verify and sign; the same seal again gives the same receipt.

    Raises:
        Refusal: RANGES_MISSING with the holes, SEAL_WRONG, ALREADY_SEALED, NOT_ENTERED.
    """
    database = premises.database
    known, facts = database.read(lambda c: (_sealed_before(c, attempt_id), facts_of(c, attempt_id)))
    if known is not None:
        return _same_or_refuse(known, seal)
    if facts.entered_us is None:
        raise refusal("NOT_ENTERED")
    await premises.shelf.discover(attempt_id, premises.clock.now_us(), Look.WHOLE)
    ranges, wanted = database.read(
        lambda c: (chunks.held(c, attempt_id), chunks.wanted_of(c, attempt_id))
    )
    if holes := missing(ranges, seal.length) or wanted:
        raise refusal("RANGES_MISSING", missing=holes[:MOST_HOLES])
    follower = await premises.followers.settled(attempt_id)
    verdict = follower.verdict()
    fault = _fault(verdict, seal, ranges[-1][1] if ranges else 0)
    later = database.read(lambda c: heads_after(c, attempt_id, seal.records))
    if not fault and any(is_genuine(attempt_id, facts.device_key, h) for h in later.values()):
        fault = "LOG_CUT_SHORT"  # the device signed for records that the seal leaves out
    if fault:
        now_us = premises.clock.now_us()
        await database.write(lambda c: alarm(c, now_us, attempt_id, fault, "at the seal"))
        raise refusal("SEAL_WRONG", detail=fault)
    receipt = _receipt(premises, facts, follower, verdict)
    return await database.write(lambda c: _keep(c, attempt_id, seal, receipt))


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
    deadline_us = facts.ends_us() + facts.plan.upload.deadline_s * SECOND_US
    formal = facts.formal and not follower.demonstration
    body = ReceiptBody(
        receipt_id=new_id("rc"),
        attempt_id=facts.attempt_id,
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
        late=now_us > deadline_us,
        issued_us=now_us,
        keep_until=facts.plan.retention.client_until,
    )
    return sign_receipt(body, premises.keys.receipts)


def _keep(connection: Connection, attempt_id: str, seal: Seal, receipt: Receipt) -> Receipt:
    known = _sealed_before(connection, attempt_id)
    if known is not None:
        return _same_or_refuse(known, seal)
    connection.execute(
        attempts.update()
        .where(attempts.c.id == attempt_id)
        .values(seal=msgspec.json.encode(seal), receipt=msgspec.json.encode(receipt))
    )
    tell(connection, attempt_id, NewsKind.STATE, receipt.body.issued_us)
    note(connection, receipt.body.issued_us, "evidence.sealed", attempt_id, receipt.digest())
    return receipt


def _sealed_before(connection: Connection, attempt_id: str) -> tuple[Seal, Receipt] | None:
    row = connection.execute(
        select(attempts.c.seal, attempts.c.receipt).where(attempts.c.id == attempt_id)
    ).one()
    if row.receipt is None:
        return None
    return (
        msgspec.json.decode(row.seal, type=Seal),
        msgspec.json.decode(row.receipt, type=Receipt),
    )


def _same_or_refuse(known: tuple[Seal, Receipt], seal: Seal) -> Receipt:
    if known[0] != seal:
        raise refusal("ALREADY_SEALED")
    return known[1]
