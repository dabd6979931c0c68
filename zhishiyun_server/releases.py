"""T0: the paper's key to everybody who is connected, at once (R122, design §5)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

import msgspec
from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from zhishiyun_protocol.messages.live import Beat, News, NewsKind
from zhishiyun_protocol.signing import to_text
from zhishiyun_server.keep.exams import paper_row
from zhishiyun_server.keep.newsroom import after, tell
from zhishiyun_server.keep.tables import attempts, candidates, exams, news
from zhishiyun_server.live import LiveLine
from zhishiyun_server.premises import Premises

LOG = logging.getLogger(__name__)
PREPARE_S = 2.0  # so long before T0 keys are written down: nothing waits for a disk at T0
LOOK_EVERY_S = 5.0  # exams may be imported while the server serves
HAIR_S, HAIRS = 0.001, 200  # a sleep may end a hair early, the key may not be told early
BEFORE = 20  # news before the key that go with it
RIGHT_AFTER_S = 1.0  # who entered meanwhile hears then


class Releases:
    """Looks out for the next T0. Thread: the event loop."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def run(self) -> None:
        """Again and again, until cancelled; a failure leaves it to the heartbeats."""
        while True:
            try:
                await self._look_out()
            except SQLAlchemyError as error:
                LOG.warning("keys are told by heartbeats: %s", error)
                await asyncio.sleep(RIGHT_AFTER_S)

    async def _look_out(self) -> None:
        """Release what is due soon; else wait a while."""
        found = self._premises.database.read(self._next)
        wait_s = LOOK_EVERY_S
        if found is not None:
            wait_s = self._premises.clock.real_s(found[1]) - PREPARE_S
        if found is None or wait_s > LOOK_EVERY_S:
            await asyncio.sleep(LOOK_EVERY_S)
            return
        await asyncio.sleep(max(0.0, wait_s))
        await self._release(*found)

    def _next(self, c: Connection) -> tuple[str, int] | None:
        row = c.execute(
            select(exams.c.id, exams.c.starts_us)
            .where(exams.c.starts_us > self._premises.clock.now_us())
            .order_by(exams.c.starts_us)
            .limit(1)
        ).first()
        return None if row is None else (row.id, row.starts_us)

    async def _release(self, exam_id: str, starts_us: int) -> None:
        premises = self._premises
        await premises.database.write(lambda c: prepare_keys(c, exam_id, starts_us))
        standings = premises.database.read(lambda c: _waiting(c, exam_id, starts_us))
        await asyncio.sleep(max(0.0, premises.clock.real_s(starts_us)))
        for _ in range(HAIRS):
            if premises.clock.now_us() >= starts_us:
                break
            await asyncio.sleep(HAIR_S)
        else:
            return  # the clock stands still: only in tests
        self._tell(standings)
        await asyncio.sleep(RIGHT_AFTER_S)
        await premises.database.write(lambda c: prepare_keys(c, exam_id, starts_us))
        for line in premises.switchboard.lines():
            if line.who.exam_id == exam_id and line.who.attempt_id not in standings:
                premises.switchboard.ring(line.who.attempt_id)

    def _tell(self, standings: Mapping[str, tuple[News, ...]]) -> None:
        for line in self._premises.switchboard.lines():
            if line.who.attempt_id in standings and not line.who.taken_over:
                self._push(line, standings[line.who.attempt_id])

    def _push(self, line: LiveLine, told: tuple[News, ...]) -> None:
        if line.after < told[0].cursor - 1 and told[0].cursor > 1:  # more is waiting than this
            self._premises.switchboard.ring(line.who.attempt_id)
            return
        now_us = self._premises.clock.now_us()
        beat = Beat(
            sent_us=0,
            server_received_us=now_us,
            server_sent_us=now_us,
            speed=self._premises.clock.speed,
            committed=line.committed,
            news=tuple(item for item in told if item.cursor > line.after),
        )
        line.newest = max(line.newest, told[-1].cursor)
        line.send(msgspec.json.encode(beat))


def prepare_keys(connection: Connection, exam_id: str, starts_us: int) -> None:
    """Write the key down as news of T0, for everybody who has entered and has none yet."""
    told = select(news.c.attempt_id).where(news.c.kind == NewsKind.PAPER_KEY.value)
    entered = connection.execute(
        select(attempts.c.id, candidates.c.subject)
        .join(candidates, candidates.c.ticket_id == attempts.c.ticket_id)
        .where(
            attempts.c.exam_id == exam_id,
            attempts.c.entered_us.is_not(None),
            attempts.c.id.not_in(told),
        )
    ).all()
    papers = {subject: paper_row(connection, exam_id, subject) for _, subject in entered}
    for row in entered:
        paper = papers[row.subject]
        if paper is not None:
            data = {"paper_id": paper.id, "key": to_text(paper.key)}
            tell(connection, row.id, NewsKind.PAPER_KEY, starts_us, data=data)


def _waiting(connection: Connection, exam_id: str, starts_us: int) -> dict[str, tuple[News, ...]]:
    """Attempt → the key, and the latest before it, which may not have been handled yet."""
    found = connection.execute(
        select(news.c.attempt_id, news.c.cursor)
        .join(attempts, attempts.c.id == news.c.attempt_id)
        .where(attempts.c.exam_id == exam_id, news.c.kind == NewsKind.PAPER_KEY.value)
    ).all()
    told: dict[str, tuple[News, ...]] = {}
    for row in found:
        told[row.attempt_id] = after(connection, row.attempt_id, row.cursor - BEFORE, starts_us)
    return told
