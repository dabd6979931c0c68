"""The bus finds its NATS again, whatever it was told at parting."""

from __future__ import annotations

import asyncio

from zhishiyun_server.bus import Topic
from zhishiyun_server.nats_bus import NatsBus

INFO = b'INFO {"server_id":"x","version":"2.10.0","max_payload":1048576,"headers":true}\r\n'
PATIENCE_S = 30.0


class UnkindNats:
    """Speaks as much of NATS' protocol as is needed to show the first who comes the door."""

    def __init__(self) -> None:
        self.came = 0
        self.came_again = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.came += 1
        is_first = self.came == 1
        writer.write(INFO)
        while line := await reader.readline():
            if line.startswith(b"PING"):
                writer.write(b"PONG\r\n")
            elif line.startswith(b"SUB") and is_first:
                writer.write(b"-ERR 'User Authentication Expired'\r\n")
            elif line.startswith(b"SUB"):
                self.came_again.set()
        writer.close()


def test_a_line_that_nats_closed_is_opened_again() -> None:
    asyncio.run(_play())


async def _play() -> None:
    nats = UnkindNats()
    server = await asyncio.start_server(nats.serve, "127.0.0.1", 0)
    bus = NatsBus(f"nats://127.0.0.1:{server.sockets[0].getsockname()[1]}", "realm")
    bus.on(Topic.NEWS, lambda _told: None)
    running = asyncio.create_task(bus.run())
    try:
        await asyncio.wait_for(nats.came_again.wait(), PATIENCE_S)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        server.close()
