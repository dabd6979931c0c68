"""A TCP proxy in a thread that throttles, delays, cuts, resets, goes silent or refuses.

Everything can be changed while it runs. Only what the client sends is throttled and counted.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from dataclasses import dataclass

_PIECE_BYTES = 16 * 1024
_ON_THE_WAY = 1024  # pieces that a delayed line holds


@dataclass
class Weather:
    """How the line is just now.

    rate_bytes_s:    0 = as fast as it goes; shared by all connections
    queue_bytes:     how much waits in front of the line, first come first served, as in a router:
                     whoever writes much lets others wait; 0 = each connection waits for its turn
    delay_s:         added to each direction
    cut_every_s:     every connection is reset after this long; 0 = never
    all_cut_every_s: all connections are reset together, so often; 0 = never; fixed at the start
    is_hole:         bytes vanish, nothing is closed (a black hole)
    is_refusing:     new connections are reset at once
    swallow_answers: how many of the next server→client messages are lost with their connection
    """

    rate_bytes_s: float = 0.0
    queue_bytes: int = 0
    delay_s: float = 0.0
    cut_every_s: float = 0.0
    all_cut_every_s: float = 0.0
    is_hole: bool = False
    is_refusing: bool = False
    swallow_answers: int = 0


class FlakyProxy:
    """`with FlakyProxy(port) as proxy:` … `proxy.port`, `proxy.weather`, `proxy.reset_all()`."""

    def __init__(self, target_port: int, weather: Weather | None = None) -> None:
        self.target_port = target_port
        self.port = 0
        self.weather = weather or Weather()
        self.up_bytes = 0
        self.connections = 0
        self.cuts = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._ends = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="flaky-proxy")
        self._line_free_at = 0.0

    def __enter__(self) -> FlakyProxy:
        self._thread.start()
        assert self._ready.wait(5)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._ends.set)
        self._thread.join(5)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def reset_all(self) -> None:
        """Reset every connection (RST, not FIN)."""
        self._loop.call_soon_threadsafe(self._reset_writers)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._cuts_until_the_end()
        server.close()
        self._reset_writers()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _cuts_until_the_end(self) -> None:
        while not self._ends.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ends.wait(), self.weather.all_cut_every_s or None)
                return
            self.cuts += 1
            self._reset_writers()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        other: asyncio.StreamWriter | None = None
        try:
            if self.weather.is_refusing:
                _reset(writer)
                return
            there, other = await asyncio.open_connection("127.0.0.1", self.target_port)
            self._writers.add(other)
            await self._carry(reader, writer, there, other)
        except OSError:
            _reset(writer)
        except (
            asyncio.CancelledError
        ):  # the proxy ends; the stream's callback wants no cancellation
            _reset(writer)
        finally:
            for end in (writer, other):
                if end is not None:
                    self._writers.discard(end)
                    end.close()

    async def _carry(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        there: asyncio.StreamReader,
        other: asyncio.StreamWriter,
    ) -> None:
        ways = [
            asyncio.ensure_future(self._pipe(reader, other, up=True)),
            asyncio.ensure_future(self._pipe(there, writer, up=False)),
        ]
        if self.weather.cut_every_s:
            ways.append(asyncio.ensure_future(asyncio.sleep(self.weather.cut_every_s)))
        try:
            done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            if len(ways) == 3 and ways[2] in done:
                _reset(writer)
                _reset(other)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _pipe(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, up: bool
    ) -> None:
        on_the_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_ON_THE_WAY)
        arriving = asyncio.ensure_future(self._arrive(on_the_way, writer, up=up))
        try:
            while data := await reader.read(_PIECE_BYTES):
                if self.weather.is_hole:
                    continue
                across_at = self._loop.time()
                if up:
                    self.up_bytes += len(data)
                    across_at = await self._throttle(len(data))
                await on_the_way.put((across_at + self.weather.delay_s, data))
            await on_the_way.put((self._loop.time() + self.weather.delay_s, b""))
            await arriving
        except ConnectionError:
            return
        finally:
            arriving.cancel()

    async def _arrive(
        self,
        on_the_way: asyncio.Queue[tuple[float, bytes]],
        writer: asyncio.StreamWriter,
        *,
        up: bool,
    ) -> None:
        with contextlib.suppress(ConnectionError, RuntimeError):
            while True:
                due, data = await on_the_way.get()
                await asyncio.sleep(max(0.0, due - self._loop.time()))
                if data and not up and self.weather.swallow_answers:
                    self.weather.swallow_answers -= 1
                    _reset(writer)
                    return
                if not data:
                    return
                writer.write(data)
                await writer.drain()

    async def _throttle(self, length: int) -> float:
        """Wait until the piece may leave its sender; returns when it will have crossed the line."""
        now, rate = self._loop.time(), self.weather.rate_bytes_s
        if not rate:
            return now
        across_at = max(now, self._line_free_at) + length / rate
        self._line_free_at = across_at
        await asyncio.sleep(max(0.0, across_at - self.weather.queue_bytes / rate - now))
        return across_at

    def _reset_writers(self) -> None:
        for writer in list(self._writers):
            _reset(writer)


def _reset(writer: asyncio.StreamWriter) -> None:
    sock = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
