"""The way to the other processes through NATS, which keeps nothing."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Any

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg

from zhishiyun_server.bus import Topic

LOG = logging.getLogger(__name__)
AGAIN_S = 2.0
FOR_EVER = -1
MOST_WAITING_BYTES = 8 << 20  # while NATS takes nothing; older words are worth nothing
SILENT_S = 10


class NatsBus:
    """Words for all others who are at the same NATS. Thread: the event loop."""

    def __init__(self, address: str, realm: str) -> None:
        """A bus at `address`; `realm` keeps several servers apart there."""
        self._address = address
        self._realm = realm
        self._hearers: dict[Topic, Callable[[bytes], None]] = {}
        self._client: Client | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def tell(self, topic: Topic, told: bytes) -> None:
        """As `Bus`; while there is no line it is lost."""
        if self._client is not None and self._client.is_connected:
            task = asyncio.ensure_future(self._send(self._client, topic, told))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def on(self, topic: Topic, hear: Callable[[bytes], None]) -> None:
        """As `Bus`."""
        self._hearers[topic] = hear

    async def run(self) -> None:
        """As `Bus`: find NATS, and find it again, also where it has shown us the door."""
        while True:
            is_closed = asyncio.Event()
            try:
                self._client = await self._find(is_closed)
                for topic, hear in self._hearers.items():
                    await self._client.subscribe(self._subject(topic), cb=_heard_by(hear))
                await is_closed.wait()
                LOG.warning("the bus has closed its line")
            except (OSError, nats.errors.Error, TimeoutError) as error:
                LOG.warning("the bus cannot be reached: %s", type(error).__name__)
            finally:
                await self._let_go()
            await asyncio.sleep(AGAIN_S)

    async def _find(self, is_closed: asyncio.Event) -> Client:
        async def closed() -> None:
            is_closed.set()

        return await nats.connect(
            self._address,
            name="zhishiyun-server",
            no_echo=True,
            reconnect_time_wait=1,
            max_reconnect_attempts=FOR_EVER,
            ping_interval=SILENT_S,
            pending_size=MOST_WAITING_BYTES,
            error_cb=_complain,
            closed_cb=closed,
        )

    async def _let_go(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(nats.errors.Error, OSError):
                await client.close()

    async def _send(self, client: Client, topic: Topic, told: bytes) -> None:
        try:
            await client.publish(self._subject(topic), told)
        except nats.errors.Error as error:
            LOG.warning("the bus takes nothing: %s", type(error).__name__)

    def _subject(self, topic: Topic) -> str:
        return f"zhishiyun.{self._realm}.{topic.value}"


def _heard_by(hear: Callable[[bytes], None]) -> Callable[[Msg], Any]:
    async def heard(message: Msg) -> None:
        hear(message.data)

    return heard


async def _complain(error: Exception) -> None:
    LOG.warning("the bus: %s", type(error).__name__)
