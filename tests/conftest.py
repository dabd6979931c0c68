"""What holds for every test: no window, its own home, no thread left, only loopback."""

from __future__ import annotations

import ipaddress
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.turns import turn

# The rigs: a virtual desktop, microphone and camera. pytest takes plugins only from the top.
pytest_plugins = ["tests.rigs.fixtures"]

# Before anything imports Qt: tests draw into memory. Desktop tests start programs of their own,
# which get the real display back (see `_surroundings`).
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# Threads of libraries that live as long as the process; a prefix and the reason.
LASTING_THREADS = {
    "asyncio_": "the pool of an event loop that is still open",
    "ThreadPoolExecutor": "the pool of a library, idle",
    "AnyIO worker": "the pool under Starlette's synchronous handlers, idle",
    "pytest_timeout": "the watch over this very test",
    "Dummy-": "a thread that C code started and Python has only seen",
    "tqdm": "a progress bar's monitor",
}
THREADS_END_WITHIN_S = 3.0


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--postgresql`: every test of the server keeps its state there instead of in a file."""
    parser.addoption("--postgresql", action="store_true", help="tests/server on PostgreSQL")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Outside every time limit: a test that waits for its turn is not late."""
    alone = item.get_closest_marker("alone") is not None
    with turn(os.environ.get("PYTEST_XDIST_TESTRUNUID", ""), alone=alone):
        return (yield)


@pytest.fixture(autouse=True)
def _surroundings(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Give the test, and every process it starts, a home folder of its own."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("ZHISHIYUN_HOME", str(home))
    # The keyring of whoever runs the tests is not ours to write into.
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    if request.node.get_closest_marker("desktop"):
        monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)


@pytest.fixture(autouse=True)
def _no_thread_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a thread running."""
    before = set(threading.enumerate())
    yield
    deadline_s = time.monotonic() + THREADS_END_WITHIN_S
    while left := _left_over(before):
        if time.monotonic() > deadline_s:
            names = ", ".join(sorted(thread.name for thread in left))
            pytest.fail(f"these threads were left running: {names}", pytrace=False)
        left[0].join(0.05)


def _left_over(before: set[threading.Thread]) -> list[threading.Thread]:
    return [
        thread
        for thread in threading.enumerate()
        if thread not in before and not thread.name.startswith(tuple(LASTING_THREADS))
    ]


@pytest.fixture(autouse=True)
def _only_loopback(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test whose own process reaches for the network beyond loopback."""
    reached: list[str] = []
    connect, connect_ex, lookup = (
        socket.socket.connect,
        socket.socket.connect_ex,
        socket.getaddrinfo,
    )

    def guarded_connect(self: socket.socket, address: Any) -> None:
        _refuse_beyond_loopback(self, address, reached)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        _refuse_beyond_loopback(self, address, reached)
        return connect_ex(self, address)

    def guarded_lookup(host: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(host, str) and host.endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, f"{host} is a name that never exists")
        if not _is_loopback(host):
            reached.append(str(host))
            raise socket.gaierror(socket.EAI_NONAME, f"tests look up no names: {host}")
        return lookup(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_lookup)
    yield
    if reached:
        pytest.fail(f"reached beyond loopback: {', '.join(reached)}", pytrace=False)


def _refuse_beyond_loopback(sock: socket.socket, address: Any, reached: list[str]) -> None:
    if sock.family not in (socket.AF_INET, socket.AF_INET6):
        return
    if not _is_loopback(address[0]):
        reached.append(f"{address[0]}:{address[1]}")
        raise ConnectionRefusedError(f"tests connect to loopback only, not to {address[0]}")


def _is_loopback(host: Any) -> bool:
    if host is None or host in ("localhost", b"localhost", "", "0.0.0.0", "::"):
        return True
    try:
        address = ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
