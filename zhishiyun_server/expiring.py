"""What the notice promised about time, kept without anybody thinking of it.

Nothing can be had back, and a machine may start with a wrong date: what is due is told at once and
deleted only by a server that has been up for a day, in which such a date is noticed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging

from sqlalchemy.exc import SQLAlchemyError

from zhishiyun_server.evidence.forgetting import forget_due
from zhishiyun_server.keep import expiry
from zhishiyun_server.premises import Premises
from zhishiyun_server.problems import Refusal

LOG = logging.getLogger(__name__)
TOLD_AFTER_S = 60.0  # after a start others have more to do
FIRST_AFTER_S = 24 * 3600.0  # of running time, whatever the date says
EVERY_S = 3600.0


async def expire(premises: Premises) -> None:
    """Again and again, until cancelled."""
    await asyncio.sleep(TOLD_AFTER_S)
    with contextlib.suppress(SQLAlchemyError):  # the database is away just now
        await asyncio.to_thread(_tell_due, premises)
    await asyncio.sleep(FIRST_AFTER_S)
    while True:
        try:
            done = await asyncio.to_thread(forget_due, premises, premises.clock.now_us())
            if done:
                LOG.info("the time of %d candidates is over: deleted", len(done))
        except (OSError, SQLAlchemyError, Refusal) as error:
            LOG.warning("something that expired cannot be deleted yet: %s", type(error).__name__)
        await asyncio.sleep(EVERY_S)


def _tell_due(premises: Premises) -> None:
    whom = premises.database.read(lambda c: expiry.due(c, premises.clock.now_us()))
    if whom:
        LOG.warning("the time of %d candidates is over: deleted in a day", len(whom))
