"""The live channel: server CPU µs a heartbeat, and memory a connection, beside their goals.

Real sockets, one candidate each; every heartbeat carries a newly signed head and is kept in bulk.
CPU is all the server spent while they came. Memory is what it grew by when the connections were
opened and had spoken.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import tempfile
import time
from pathlib import Path

import msgspec
import psutil
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.bench_ingest import Seats, in_hall
from benchmarks.ingest.anchors import cpu_s
from zhishiyun_protocol.messages.live import Beat, Heartbeat

LINES = 400
BEATS_EACH = 20
EVERY_S = 1.0
GOAL_US, GOAL_KB = 100.0, 40.0


def main() -> int:
    """Measure both."""
    with tempfile.TemporaryDirectory() as folder, in_hall(Path(folder) / "live", LINES) as place:
        seats, url, process = place
        us, kb = asyncio.run(_measure(seats, url, process))
    found = {
        "bench": "live",
        "ours": round(us, 1),
        "anchor": GOAL_US,
        "ratio": round(us / GOAL_US, 3),
        "unit": "CPU µs/heartbeat",
        "kb_a_connection": round(kb, 1),
        "goal_kb": GOAL_KB,
    }
    print(json.dumps(found, ensure_ascii=False), flush=True)
    return 0


async def _measure(seats: Seats, url: str, process: psutil.Process) -> tuple[float, float]:
    heartbeats = [_heartbeats(seats, number) for number in range(LINES)]
    async with contextlib.AsyncExitStack() as stack:
        before_bytes = process.memory_info().rss
        address = url.replace("http", "ws", 1) + "/v1/live"
        lines: list[ClientConnection] = []
        for number in range(LINES):
            headers = seats.bearer(number)
            line = connect(address, additional_headers=headers, proxy=None, compression=None)
            lines.append(await stack.enter_async_context(line))
        cursors = await _beat_all(lines, [0] * LINES, [told[:1] for told in heartbeats])
        grown_bytes = process.memory_info().rss - before_bytes
        before_s = cpu_s(process)
        await _beat_all(lines, cursors, [told[1:] for told in heartbeats])
        spent_s = cpu_s(process) - before_s
    return 1e6 * spent_s / (LINES * BEATS_EACH), grown_bytes / 1000 / LINES


def _heartbeats(seats: Seats, seat: int) -> list[Heartbeat]:
    """What one candidate will say, each with more recorded than before: made beforehand."""
    return [
        Heartbeat(sent_us=1, phase="answering", recording=True, head=seats.next_head(seat))
        for _ in range(1 + BEATS_EACH)
    ]


async def _beat_all(
    lines: list[ClientConnection], cursors: list[int], told: list[list[Heartbeat]]
) -> list[int]:
    """Everybody's heartbeats; returns the newest news that each has handled."""
    return await asyncio.gather(*(_beat(*one) for one in zip(lines, cursors, told, strict=True)))


async def _beat(line: ClientConnection, cursor: int, heartbeats: list[Heartbeat]) -> int:
    next_s = time.monotonic() + hash(line.id) % 1000 / 1000 * EVERY_S
    for heartbeat in heartbeats:
        await asyncio.sleep(max(0.0, next_s - time.monotonic()))
        told = msgspec.structs.replace(heartbeat, after=cursor)
        await line.send(msgspec.json.encode(told).decode())
        while True:
            beat = msgspec.json.decode(await line.recv(), type=Beat)
            cursor = max([cursor, *(item.cursor for item in beat.news)])
            if beat.sent_us:
                break
        next_s += EVERY_S
    return cursor


if __name__ == "__main__":
    sys.exit(main())
