"""Notices phones that fall silent: a page that was killed cannot say so itself (R072)."""

from __future__ import annotations

import asyncio
import logging

from sqlalchemy.exc import OperationalError

from zhishiyun_server.keep.phones import SILENT_REAL_S, mark_silent, silent_rows
from zhishiyun_server.premises import Premises

LOG = logging.getLogger(__name__)
LOOK_EVERY_S = 5.0


async def watch_phones(premises: Premises) -> None:
    """Again and again, until cancelled: whoever lost sight of a phone is told."""
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        try:
            await look_for_silence(premises)
        except OperationalError as error:
            LOG.warning("silent phones are looked for later: %s", error)


async def look_for_silence(premises: Premises) -> None:
    """Look once."""
    clock = premises.clock
    now_us = clock.now_us()
    before_us = now_us - round(SILENT_REAL_S * clock.speed * 1e6)
    if not premises.database.read(lambda c: silent_rows(c, before_us)):
        return
    silent = await premises.database.write(lambda c: mark_silent(c, before_us, now_us))
    for attempt_id in silent:
        premises.switchboard.ring(attempt_id)
