"""The WebSocket of the live channel: opened, spoken through, and every failure one of ours."""

from __future__ import annotations

import ssl
import time
from contextlib import ExitStack

import msgspec
from websockets.exceptions import (
    ConnectionClosed,
    InvalidMessage,
    InvalidStatus,
    WebSocketException,
)
from websockets.sync.client import ClientConnection, connect

from zhishiyun_client.net import failures
from zhishiyun_client.net.routes import is_loopback, proxy_for
from zhishiyun_protocol.errors import Refused, Transient
from zhishiyun_protocol.messages.entering import Problem
from zhishiyun_protocol.messages.live import Beat, Heartbeat

OPEN_WITHIN_S = 8.0
CLOSE_WITHIN_S = 1.0
LARGEST_MESSAGE_BYTES = 1024 * 1024
SESSION_STATUSES = (401, 403)
TAKEN_OVER = "TAKEN_OVER"
CLOSE_TAKEN_OVER = 4001  # the server's own code
CLOSE_POLICY = 1008  # RFC 6455: the session ended


class NoWebSocket(Transient):
    """No WebSocket can be had just now; plain HTTP may do. Fact `was_cut`: the line was cut in the
    middle of the handshake, which may be a proxy's way to say no, or chance."""


class LiveSocket:
    """One WebSocket. Thread: its worker's."""

    def __init__(self, connection: ClientConnection, held: ExitStack) -> None:
        self._connection = connection
        self._held = held

    @classmethod
    def open(cls, server_url: str, session: str, context: ssl.SSLContext) -> LiveSocket:
        """Connect to /v1/live.

        Raises:
            NoWebSocket: the handshake was answered, but not by a WebSocket.
            Transient:   the server cannot be reached.
            Refused:     the session is not known (any more).
        """
        url = "ws" + server_url.removeprefix("http") + "/v1/live"
        host = url.split("/")[2].rsplit(":", 1)[0]
        scheme = "https" if url.startswith("wss:") else "http"
        held = ExitStack()
        try:
            opening = connect(
                url,
                additional_headers={"Authorization": f"Bearer {session}"},
                user_agent_header="zhishiyun",
                ssl=context if scheme == "https" else None,
                proxy=None if is_loopback(host) else proxy_for(scheme, host),
                open_timeout=OPEN_WITHIN_S,
                close_timeout=CLOSE_WITHIN_S,
                ping_interval=None,  # unanswered heartbeats tell more, and sooner
                compression=None,
                max_size=LARGEST_MESSAGE_BYTES,
            )
            connection = held.enter_context(opening)
        except InvalidStatus as error:
            raise _handshake_refused(error) from error
        except ssl.SSLError as error:
            raise failures.tls_untrusted() from error
        except TimeoutError as error:
            raise failures.server_silent() from error
        except (ConnectionResetError, ConnectionAbortedError, BrokenPipeError) as error:
            raise _no_websocket(was_cut=True) from error
        except OSError as error:
            raise failures.network_down("cut") from error
        except (InvalidMessage, ConnectionClosed) as error:
            raise _no_websocket(was_cut=_is_cut(error)) from error
        except WebSocketException as error:
            raise _no_websocket() from error
        return cls(connection, held)

    def send(self, heartbeat: Heartbeat) -> None:
        """Send one heartbeat.

        Raises:
            Transient: the line is cut.
        """
        try:
            self._connection.send(msgspec.json.encode(heartbeat).decode("utf-8"))
        except (WebSocketException, OSError) as error:
            raise failures.network_down("cut") from error

    def receive(self, within_s: float) -> Beat | None:
        """The next message, or None when none came within the time.

        Raises:
            Transient: NETWORK_DOWN, SERVER_NONSENSE.
            Refused:   the server closed the session.
        """
        try:
            text = self._connection.recv(timeout=within_s)
        except TimeoutError:
            return None
        except ConnectionClosed as error:
            raise _closed(error) from error
        except (WebSocketException, OSError) as error:
            raise failures.network_down("cut") from error
        try:
            return msgspec.json.decode(text, type=Beat)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise failures.nonsense("schema") from error

    def close(self) -> None:
        """Say goodbye; waits a second at most. Thread: its worker's."""
        began_s = time.monotonic()
        try:
            self._held.close()
        except (WebSocketException, OSError) as error:
            # Half a goodbye is enough: the socket is closed either way.
            error.add_note(f"while closing, after {time.monotonic() - began_s:.1f} s")


def _handshake_refused(error: InvalidStatus) -> Transient | Refused:
    status, body = error.response.status_code, bytes(error.response.body or b"")
    try:
        problem = msgspec.json.decode(body, type=Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        problem = None
    if status in SESSION_STATUSES and problem is not None:
        return failures.refused(status, problem)
    if status >= 500 or status == 429:
        return failures.busy(status, problem, problem.retry_after_s if problem else None)
    return _no_websocket()


def _closed(error: ConnectionClosed) -> Transient | Refused:
    code = None if error.rcvd is None else error.rcvd.code
    if code == CLOSE_TAKEN_OVER:
        return Refused(
            TAKEN_OVER,
            "This candidate has logged in elsewhere; this session is over.",
            "该考生已在别处登录，本次登录已结束。",
        )
    if code == CLOSE_POLICY:
        return Refused("SESSION_UNKNOWN", "The server ended this session.", "登录已失效。")
    return failures.network_down("cut")


def _is_cut(error: InvalidMessage | ConnectionClosed) -> bool:
    return isinstance(error, ConnectionClosed) or isinstance(error.__cause__, EOFError | OSError)


def _no_websocket(*, was_cut: bool = False) -> NoWebSocket:
    return NoWebSocket(
        "NO_WEBSOCKET",
        "Something on the way forbids WebSockets; the same travels by HTTP.",
        "网络设备不支持 WebSocket，已改用普通连接。",
        was_cut=was_cut,
    )
