"""Candidates who send one segment every so often, each on a connection of its own."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from zhishiyun_server.load.line import Line

Request = tuple[str, str, Mapping[str, str], bytes]


@dataclass
class Crowd:
    """What a crowd did: bytes that were acknowledged, seconds of each call."""

    bytes: int = 0
    seconds: list[float] = field(default_factory=list)
    late: int = 0  # segments whose sender was not free in time

    @property
    def mib(self) -> float:
        """MiB acknowledged."""
        return self.bytes / 1024 / 1024


async def drive(
    base: str,
    senders: int,
    period_s: float,
    lasts_s: float,
    request_of: Callable[[int, int], Request],
) -> Crowd:
    """`senders` send a segment every `period_s` from a moment of their own, for `lasts_s`.

    request_of: (sender, number) → method, target, headers, body.
    """
    crowd = Crowd()
    began_s = time.monotonic()

    async def send(sender: int) -> None:
        line = Line(base)
        at_s = began_s + random.random() * period_s
        number = 0
        while at_s < began_s + lasts_s:
            wait_s = at_s - time.monotonic()
            crowd.late += wait_s < -period_s
            await asyncio.sleep(max(0.0, wait_s))
            method, target, headers, body = request_of(sender, number)
            sent_s = time.monotonic()
            answer = await line.send(method, target, headers, body)
            if answer.status >= 300:
                raise RuntimeError(f"{target}: {answer.status} {answer.body[:200]!r}")
            crowd.seconds.append(time.monotonic() - sent_s)
            crowd.bytes += len(body)
            number += 1
            at_s += period_s
        await line.close()

    await asyncio.gather(*(send(sender) for sender in range(senders)))
    return crowd
