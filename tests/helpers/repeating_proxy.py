"""An HTTP proxy on real TCP that delivers whole uploads twice, and some in the other order.

What a network may do to requests whose connections it loses and brings again: the server sees the
same PUT once more, at the same moment or later, and a later PUT before an earlier one.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from dataclasses import dataclass, field

HEAD_BYTES = 64 * 1024
OVERTAKEN_WITHIN_S = 3.0  # a PUT that is held back goes on alone when no other comes


@dataclass
class Delivered:
    """What was done to the PUTs, and the first lines of the answers to their repetitions."""

    puts: int = 0
    overtaken: int = 0
    repeated: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Request:
    """A whole request as it came."""

    head: bytes
    body: bytes

    @property
    def is_put(self) -> bool:
        return self.head.startswith(b"PUT ")

    @property
    def whole(self) -> bytes:
        return self.head + self.body


class RepeatingProxy:
    """Of every four PUTs: one plain, one twice at once, one held until another passed, one twice.

    `with RepeatingProxy(port) as proxy:` … `proxy.url`, `proxy.delivered`.
    """

    def __init__(self, target_port: int) -> None:
        self.target_port = target_port
        self.url = ""
        self.delivered = Delivered()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._ends = asyncio.Event()
        self._passed = asyncio.Condition()
        self._done = 0
        self._thread = threading.Thread(target=self._run, name="repeating-proxy")

    def __enter__(self) -> RepeatingProxy:
        self._thread.start()
        assert self._ready.wait(5)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._ends.set)
        self._thread.join(5)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=HEAD_BYTES)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._ready.set()
        await self._ends.wait()
        server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, EOFError, asyncio.CancelledError):
            while True:
                writer.write(await self._deliver(await _message(reader)))
                await writer.drain()
        writer.close()

    async def _deliver(self, request: Request) -> bytes:
        """What the server said to it."""
        if not request.is_put:
            return await self._ask(request)
        number = self.delivered.puts
        self.delivered.puts += 1
        if number % 4 == 1:
            answers = await asyncio.gather(self._ask(request), self._ask(request))
            self._count_repeated(max(answers, key=_is_already))
            answer = answers[0]
        else:
            if number % 4 == 2:
                await self._let_another_pass()
            answer = await self._ask(request)
            if number % 4 == 3:
                self._count_repeated(await self._ask(request))
        async with self._passed:
            self._done += 1
            self._passed.notify_all()
        return answer

    async def _let_another_pass(self) -> None:
        done = self._done
        with contextlib.suppress(TimeoutError):
            async with self._passed:
                waits = self._passed.wait_for(lambda: self._done > done)
                await asyncio.wait_for(waits, OVERTAKEN_WITHIN_S)
            self.delivered.overtaken += 1

    async def _ask(self, request: Request) -> bytes:
        """Deliver it on a connection of its own."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.target_port)
        try:
            writer.write(request.whole)
            await writer.drain()
            return (await _message(reader)).whole
        finally:
            writer.close()

    def _count_repeated(self, answer: bytes) -> None:
        self.delivered.repeated.append(answer.split(b"\r\n", 1)[0].decode())


async def _message(reader: asyncio.StreamReader) -> Request:
    head = await reader.readuntil(b"\r\n\r\n")
    lengths = [
        int(line.split(b":")[1])
        for line in head.lower().split(b"\r\n")
        if line.startswith(b"content-length:")
    ]
    return Request(head, await reader.readexactly(lengths[0] if lengths else 0))


def _is_already(answer: bytes) -> bool:
    return answer.startswith(b"HTTP/1.1 200")
