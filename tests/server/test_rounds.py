"""What many connections brought is looked at together, and one failure is its own."""

from __future__ import annotations

import asyncio
from typing import Any

from zhishiyun_server.rounds import Rounds

WITHIN_S = 20.0


def test_everybody_is_looked_at_in_order_whoever_fails() -> None:
    looked, failures = asyncio.run(_one_round())

    assert looked == ["first", "third"]
    assert [type(failure) for failure in failures] == [ZeroDivisionError]


async def _one_round() -> tuple[list[str], list[BaseException]]:
    looked: list[str] = []
    failures: list[BaseException] = []
    done = asyncio.Event()
    rounds = Rounds(lambda: 0)

    def note(_loop: asyncio.AbstractEventLoop, told: dict[str, Any]) -> None:
        failures.append(told["exception"])

    def third() -> None:
        looked.append("third")
        done.set()

    asyncio.get_running_loop().set_exception_handler(note)
    rounds.bring(lambda: looked.append("first"))
    rounds.bring(lambda: 1 // 0)
    rounds.bring(third)
    assert looked == []  # not at once
    await asyncio.wait_for(done.wait(), WITHIN_S)
    return looked, failures
