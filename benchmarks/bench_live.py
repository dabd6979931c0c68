"""The live channel: server CPU µs a heartbeat, and memory a connection, beside their goals.

Real sockets, one candidate each; every heartbeat carries a newly signed head and is kept in bulk.
CPU is all the server spent while they came: at one heartbeat a second each, where the processor's
caches have forgotten everything between two of them, and at five a second. Beside each stands a
bare echo of uvloop at the same pace. Memory is what the server grew by when the connections were
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
from urllib.parse import urlsplit

import msgspec
import psutil
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.bench_ingest import Seats, in_hall
from benchmarks.ingest.anchors import cpu_s, echo
from zhishiyun_protocol.messages.live import Beat, Heartbeat

LINES = 400
WARM_UP = 3  # and with them what there is of news, which is looked up once: none of it is measured
BEATS_EACH = 20
PACES_S = (1.0, 0.2)
GOAL_US, GOAL_KB = 100.0, 40.0
HEARTBEAT_BYTES, ANSWER_BYTES = 400, 150


def main() -> int:
    """Measure both."""
    with tempfile.TemporaryDirectory() as folder, in_hall(Path(folder) / "live", LINES) as place:
        seats, url, process = place
        spent_us, kb = asyncio.run(_measure(seats, url, process))
    with echo() as (url, process):
        echo_us = [asyncio.run(_echo_us(url, process, pace_s)) for pace_s in PACES_S]
    found = {
        "bench": "live",
        "ours": round(spent_us[0], 1),
        "anchor": GOAL_US,
        "ratio": round(spent_us[0] / GOAL_US, 3),
        "unit": "CPU µs/heartbeat",
        "every_s": PACES_S,
        "us": [round(us, 1) for us in spent_us],
        "echo_us": [round(us, 1) for us in echo_us],
        "kb_a_connection": round(kb, 1),
        "goal_kb": GOAL_KB,
    }
    print(json.dumps(found, ensure_ascii=False), flush=True)
    return 0


async def _measure(seats: Seats, url: str, process: psutil.Process) -> tuple[list[float], float]:
    """(µs a heartbeat at each pace, kB a connection)."""
    heartbeats = [_heartbeats(seats, number) for number in range(LINES)]
    spent_us: list[float] = []
    async with contextlib.AsyncExitStack() as stack:
        before_bytes = process.memory_info().rss
        address = url.replace("http", "ws", 1) + "/v1/live"
        lines: list[ClientConnection] = []
        for number in range(LINES):
            headers = seats.bearer(number)
            line = connect(address, additional_headers=headers, proxy=None, compression=None)
            lines.append(await stack.enter_async_context(line))
        cursors = await _beat_all(lines, [0] * LINES, [told[:WARM_UP] for told in heartbeats], 1.0)
        grown_bytes = process.memory_info().rss - before_bytes
        for turn, pace_s in enumerate(PACES_S):
            first = WARM_UP + turn * BEATS_EACH
            told = [told[first : first + BEATS_EACH] for told in heartbeats]
            before_s = cpu_s(process)
            cursors = await _beat_all(lines, cursors, told, pace_s)
            spent_us.append(1e6 * (cpu_s(process) - before_s) / (LINES * BEATS_EACH))
    return spent_us, grown_bytes / 1000 / LINES


async def _echo_us(url: str, process: psutil.Process, pace_s: float) -> float:
    """What a bare echo spends on as many messages."""
    parts = urlsplit(url)

    async def speak(number: int) -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        next_s = time.monotonic() + number / LINES * pace_s
        for _ in range(BEATS_EACH):
            await asyncio.sleep(max(0.0, next_s - time.monotonic()))
            writer.write(bytes(HEARTBEAT_BYTES))
            await reader.readexactly(ANSWER_BYTES)
            next_s += pace_s
        writer.close()

    before_s = cpu_s(process)
    await asyncio.gather(*(speak(number) for number in range(LINES)))
    return 1e6 * (cpu_s(process) - before_s) / (LINES * BEATS_EACH)


def _heartbeats(seats: Seats, seat: int) -> list[Heartbeat]:
    """What one candidate will say, each with more recorded than before: made beforehand."""
    return [
        Heartbeat(sent_us=1, phase="answering", recording=True, head=seats.next_head(seat))
        for _ in range(WARM_UP + BEATS_EACH * len(PACES_S))
    ]


async def _beat_all(
    lines: list[ClientConnection],
    cursors: list[int],
    told: list[list[Heartbeat]],
    every_s: float,
) -> list[int]:
    """Everybody's heartbeats; returns the newest news that each has handled."""
    each = zip(lines, cursors, told, strict=True)
    return await asyncio.gather(*(_beat(*one, every_s) for one in each))


async def _beat(
    line: ClientConnection, cursor: int, heartbeats: list[Heartbeat], every_s: float
) -> int:
    next_s = time.monotonic() + hash(line.id) % 1000 / 1000 * every_s
    for heartbeat in heartbeats:
        await asyncio.sleep(max(0.0, next_s - time.monotonic()))
        told = msgspec.structs.replace(heartbeat, after=cursor)
        await line.send(msgspec.json.encode(told).decode())
        while True:
            beat = msgspec.json.decode(await line.recv(), type=Beat)
            cursor = max([cursor, *(item.cursor for item in beat.news)])
            if beat.sent_us:
                break
        next_s += every_s
    return cursor


if __name__ == "__main__":
    sys.exit(main())
