"""A WebSocket server for the live channel whose answers a test decides."""

from __future__ import annotations

import threading
import time

import msgspec
from websockets.sync.server import ServerConnection, serve

from zhishiyun_protocol.messages.live import Beat, Heartbeat, News, NewsKind

SPEED = 2.0
AHEAD_US = 1_000_000_000_000


def exam_us() -> int:
    """The exam's clock of this server: twice as fast as real time."""
    return AHEAD_US + round(time.monotonic_ns() / 1000 * SPEED)


def answer_to(heard: Heartbeat, news: tuple[News, ...] = ()) -> Beat:
    """What a healthy server answers."""
    now_us = exam_us()
    fresh = tuple(item for item in news if item.cursor > heard.after)
    return Beat(
        sent_us=heard.sent_us,
        server_received_us=now_us,
        server_sent_us=exam_us(),
        speed=SPEED,
        committed=7,
        news=fresh,
    )


def item(cursor: int) -> News:
    """One item of news."""
    return News(cursor=cursor, kind=NewsKind.REMIND, at_us=1, text=str(cursor))


class LiveServer:
    """`talk(connection, heartbeat)` answers each heartbeat; returning False closes."""

    def __init__(self) -> None:
        self.heard: list[Heartbeat] = []
        self.headers: list[str | None] = []
        self.news: tuple[News, ...] = ()
        self.is_silent = False
        self.close_code = 0
        self.connections: list[ServerConnection] = []
        self._server = serve(self._talk, "127.0.0.1", 0)
        self.port = self._server.socket.getsockname()[1]
        self._thread = threading.Thread(target=self._server.serve_forever, name="live-server")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> LiveServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for connection in self.connections:
            connection.close_socket()
        self._server.shutdown()
        self._thread.join(5)

    def push(self, *news: News) -> None:
        """Send a beat of its own accord."""
        now_us = exam_us()
        beat = Beat(
            sent_us=0, server_received_us=now_us, server_sent_us=now_us, speed=SPEED, news=news
        )
        self.connections[-1].send(msgspec.json.encode(beat).decode())

    def _talk(self, connection: ServerConnection) -> None:
        self.connections.append(connection)
        request = connection.request
        self.headers.append(None if request is None else request.headers.get("Authorization"))
        for text in connection:
            heartbeat = msgspec.json.decode(text, type=Heartbeat)
            self.heard.append(heartbeat)
            if self.close_code:
                connection.close(self.close_code)
                return
            if not self.is_silent:
                beat = answer_to(heartbeat, self.news)
                connection.send(msgspec.json.encode(beat).decode())
