"""What the notice promised about time, kept without anybody thinking of it."""

from __future__ import annotations

import asyncio
import logging

from sqlalchemy.exc import OperationalError

from zhishiyun_server.evidence.forgetting import forget_due
from zhishiyun_server.premises import Premises
from zhishiyun_server.problems import Refusal

LOG = logging.getLogger(__name__)
FIRST_AFTER_S = 60.0  # after a start others have more to do
EVERY_S = 3600.0


async def expire(premises: Premises) -> None:
    """Again and again, until cancelled."""
    await asyncio.sleep(FIRST_AFTER_S)
    while True:
        try:
            done = await asyncio.to_thread(forget_due, premises, premises.clock.now_us())
            if done:
                LOG.info("the time of %d candidates is over: deleted", len(done))
        except (OSError, OperationalError, Refusal) as error:
            LOG.warning("something that expired cannot be deleted yet: %s", type(error).__name__)
        await asyncio.sleep(EVERY_S)
