"""`zhishiyun-server serve`: uvicorn in one process, stopped gracefully by SIGTERM."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from types import FrameType
from typing import Any, cast

import msgspec
import uvicorn

from zhishiyun_protocol.errors import Fixable
from zhishiyun_server.application import build
from zhishiyun_server.commands.alone import Company, alone, in_company
from zhishiyun_server.keep.database_place import is_shared
from zhishiyun_server.keep.durable import write_durably
from zhishiyun_server.keep.home import Home
from zhishiyun_server.memory import keep_freed_memory
from zhishiyun_server.open_files import allow_many
from zhishiyun_server.reception import Reception
from zhishiyun_server.settings import MIB, Limits, Settings
from zhishiyun_server.sockets import DirectProtocol

GRACE_S = 5
TICK_S = 1.0
# How long a quiet connection is kept. A chunk comes every few seconds: at uvicorn's own five, on a
# bad line, each would pay a handshake of seconds; and when everybody comes back at the same instant
# the system's queue of connections overflowed, and some waited 20 s for its next try.
KEEP_ALIVE_S = 75
BACKLOG = 4096  # who knocks at the same instant; the system may allow less
# How soon a thread that waits for the interpreter gets it. The database's thread waits after every
# statement: at Python's own 5 ms a busy loop makes 40 ms of a write that takes 1.
SWITCH_S = 0.0005
WEBSOCKET_BYTES = 512 * 1024


class ReadyServer(uvicorn.Server):
    """Says when it is ready, and leaves signals to our own handlers."""

    def __init__(self, config: uvicorn.Config, ready_file: Path | None, url: str) -> None:
        super().__init__(config)
        self._ready_file = ready_file
        self._url = url
        self._stopping = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then tell."""
        await super().startup(sockets)
        if self._ready_file is not None:
            told = {"url": self._url, "pid": os.getpid()}
            write_durably(self._ready_file, msgspec.json.encode(told))
        print(f"{self._url}", flush=True)

    async def main_loop(self) -> None:
        """Wake once a second, for the date in answers, and when told to stop.

        Uvicorn's own wakes ten times as often, which on a server with little to do is a tenth of
        what a chunk costs.
        """
        while not await self.on_tick(counter=0):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), TICK_S)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Stop on SIGINT and SIGTERM, and exit with 0 afterwards."""

        loop = asyncio.get_running_loop()

        def stop(_number: int, _frame: FrameType | None) -> None:
            self.should_exit = True
            loop.call_soon_threadsafe(self._stopping.set)

        before = {number: signal.signal(number, stop) for number in _signals()}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def run(options: argparse.Namespace) -> int:
    """Serve until told to stop."""
    _check(options)
    keep_freed_memory()
    allow_many()
    sys.setswitchinterval(SWITCH_S)
    home = Home(options.home)
    home.require()
    with _place_in(home) as company, _listening(options.host, options.port) as listener:
        scheme = "https" if options.tls_cert else "http"
        host, port = listener.getsockname()[:2]
        config = uvicorn.Config(
            build(_settings(options, company)),
            log_level="warning",
            access_log=False,
            server_header=False,
            http=cast(Any, Reception),  # it is a protocol, of the kind that is given its buffer
            ws=DirectProtocol,
            ws_max_size=WEBSOCKET_BYTES,
            ws_per_message_deflate=False,  # beats are small, thumbnails are JPEG: 40 kB a line
            timeout_graceful_shutdown=GRACE_S,
            timeout_keep_alive=KEEP_ALIVE_S,
            backlog=BACKLOG,
            ssl_certfile=options.tls_cert,
            ssl_keyfile=options.tls_key,
        )
        shown = f"[{host}]" if ":" in host else host
        server = ReadyServer(config, options.ready_file, f"{scheme}://{shown}:{port}")
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(server.serve(sockets=[listener]))
    return 0


def _settings(options: argparse.Namespace, company: Company) -> Settings:
    return Settings(
        home=options.home,
        speed=options.speed,
        public_url=options.public_url,
        limits=Limits(reserve_bytes=options.reserve_mib * MIB),
        is_first=company.is_first,
        welcome=company.welcome,
    )


@contextlib.contextmanager
def _place_in(home: Home) -> Iterator[Company]:
    """Alone where state is a file in the folder; else together with others."""
    if is_shared(home):
        with in_company(home.lock) as company:
            yield company
    else:
        with alone(home.lock):
            yield Company()


def _signals() -> Iterator[signal.Signals]:
    yield signal.SIGINT
    yield signal.SIGTERM


@contextlib.contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise Fixable(
            "PORT_TAKEN",
            f"{host}:{port} cannot be listened on ({error.strerror}). Choose another port.",
            f"无法在 {host}:{port} 上监听（{error.strerror}）。请更换端口。",
        ) from error
    with listener:
        yield listener


def _check(options: argparse.Namespace) -> None:
    if options.speed is not None and not 0.1 <= options.speed <= 1000:
        raise Fixable(
            "SPEED_WRONG",
            "--speed must lie between 0.1 and 1000.",
            "--speed 须在 0.1 到 1000 之间。",
        )
    if (options.tls_cert is None) != (options.tls_key is None):
        raise Fixable(
            "TLS_INCOMPLETE",
            "--tls-cert and --tls-key go together.",
            "--tls-cert 与 --tls-key 须同时给出。",
        )
