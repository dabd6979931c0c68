"""A lean HTTP/1.1 client: hundreds of candidates in one process must not measure themselves."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

LARGEST_HEAD_BYTES = 64 * 1024
WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer."""

    status: int
    headers: dict[str, str]  # names in lower case
    body: bytes


class Line:
    """One kept connection to one host; a second request waits for the first.

    local_host: where the connection comes from, so that candidates have addresses of their own.
    """

    def __init__(self, base: str, local_host: str | None = None) -> None:
        parts = urlsplit(base)
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._local = (local_host, 0) if local_host else None
        self._shown = parts.netloc
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._lock = asyncio.Lock()

    async def send(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Answer:
        """One request, one answer.

        Raises:
            OSError, asyncio.IncompleteReadError, TimeoutError: there was no whole answer.
        """
        async with self._lock, asyncio.timeout(WITHIN_S):
            kept = self._streams is not None
            try:
                return await self._exchange(method, target, headers, body)
            except (ConnectionError, asyncio.IncompleteReadError):
                await self._hang_up()
                if not kept:
                    raise
                return await self._exchange(method, target, headers, body)

    async def close(self) -> None:
        """Hang up."""
        async with self._lock:
            await self._hang_up()

    async def _exchange(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        if self._streams is None:
            self._streams = await asyncio.open_connection(
                self._host,
                self._port,
                ssl=self._tls,
                local_addr=self._local,
                limit=LARGEST_HEAD_BYTES,
            )
        reader, writer = self._streams
        lines = [f"{method} {target} HTTP/1.1", f"Host: {self._shown}"]
        lines += [f"{name}: {text}" for name, text in headers.items()]
        lines += [f"Content-Length: {len(body)}", "", ""]
        writer.write("\r\n".join(lines).encode() + body)
        await writer.drain()
        return await _answer(reader)

    async def _hang_up(self) -> None:
        if self._streams is None:
            return
        _, writer = self._streams
        self._streams = None
        writer.close()
        await asyncio.wait({asyncio.ensure_future(_closed(writer))}, timeout=1)


async def _closed(writer: asyncio.StreamWriter) -> None:
    try:
        await writer.wait_closed()
    except OSError as error:
        del error  # the other side was faster


async def _answer(reader: asyncio.StreamReader) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    status = int(head[0].split(" ", 2)[1])
    headers: dict[str, str] = {}
    for line in head[1:]:
        name, _, text = line.partition(":")
        headers[name.strip().lower()] = text.strip()
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return Answer(status, headers, await _chunked(reader))
    return Answer(status, headers, await reader.readexactly(int(headers.get("content-length", 0))))


async def _chunked(reader: asyncio.StreamReader) -> bytes:
    body = bytearray()
    while length := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        body += await reader.readexactly(length)
        await reader.readexactly(2)
    await reader.readuntil(b"\r\n")
    return bytes(body)
