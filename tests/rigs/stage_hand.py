"""Plugs displays and presses keys outside, for tests that run as Windows programs in Wine.

Windows Python cannot start xdotool or xrandr; it asks by loopback instead. Outside:
`StageHand(display)` serves for the length of a `with`; inside: `ask("xdotool", "key", "a")`.
"""

from __future__ import annotations

import json
import os
import socket
import socketserver
import subprocess
import threading
from types import TracebackType

PORT_VARIABLE = "ZHISHIYUN_STAGE_PORT"
TOOLS = ("xdotool", "xrandr")
WITHIN_S = 20.0


class StageHand:
    """Serves one display's tools on a free port of loopback."""

    def __init__(self, display: str) -> None:
        self.display = display
        self._server = socketserver.TCPServer(("127.0.0.1", 0), _Asked)
        self._server.environment = {**os.environ, "DISPLAY": display}  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self._server.serve_forever, name="stage-hand")

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def __enter__(self) -> StageHand:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Asked(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        words = json.loads(self.rfile.readline())
        if words[0] not in TOOLS:
            answer = {"code": 127, "said": f"not one of {TOOLS}"}
        else:
            environment = self.server.environment  # type: ignore[attr-defined]
            done = subprocess.run(words, env=environment, capture_output=True, text=True)
            answer = {"code": done.returncode, "said": done.stdout + done.stderr}
        self.wfile.write(json.dumps(answer).encode() + b"\n")


def is_there() -> bool:
    """Whether somebody outside serves this test run."""
    return PORT_VARIABLE in os.environ


def ask(*words: str) -> str:
    """Have one tool run outside; what it said. Raises AssertionError when it failed."""
    with socket.create_connection(("127.0.0.1", int(os.environ[PORT_VARIABLE])), WITHIN_S) as line:
        line.sendall(json.dumps(words).encode() + b"\n")
        answer = json.loads(line.makefile("rb").readline())
    assert answer["code"] == 0, answer["said"]
    return str(answer["said"])
