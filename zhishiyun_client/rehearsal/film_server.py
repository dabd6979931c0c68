"""A program that plays a film of JPEGs over HTTP in real time, as a camera would send it.

Started by `camera.DemonstrationCamera` and tied to it by a connection: when that ends, the program
ends. One loop, no threads, nothing beyond the standard library; every frame is sent as it lies
in the file.

    python -m zhishiyun_client.rehearsal.film_server FILM LEASH_PORT FILM_FPS
"""

from __future__ import annotations

import selectors
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path

STREAM_FPS = 30
PATH = "/film"

_HOST = "127.0.0.1"
_BOUNDARY = b"frame"
_HEAD = (
    b"HTTP/1.0 200 OK\r\nCache-Control: no-store\r\n"
    b"Content-Type: multipart/x-mixed-replace; boundary=" + _BOUNDARY + b"\r\n\r\n"
)
_NOT_FOUND = b"HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n"
_REQUEST_LIMIT_BYTES = 8192
_SEND_BUFFER_BYTES = 128 * 1024  # few frames: a slow reader loses frames instead of falling behind


def split(film: bytes) -> list[bytes]:
    """Cut concatenated JPEGs apart: each begins with FF D8 FF and ends with FF D9."""
    starts = [0]
    while (end := film.find(b"\xff\xd9\xff\xd8\xff", starts[-1])) >= 0:
        starts.append(end + 2)
    return [film[start:end] for start, end in zip(starts, [*starts[1:], len(film)], strict=True)]


class Viewer:
    """One connection: first its request is read, then it is sent frames."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
        self.connection = connection
        self.is_watching = False
        self._request = b""
        self._unsent = memoryview(b"")

    def hear(self) -> bool:
        """Read what came; False when the connection is over."""
        try:
            came = self.connection.recv(4096)
        except BlockingIOError:
            return True
        except OSError:
            return False
        if not came:
            return False
        if self.is_watching:
            return True
        self._request += came
        if b"\r\n\r\n" not in self._request:
            return len(self._request) < _REQUEST_LIMIT_BYTES
        return self._answer()

    def show(self, part: bytes) -> bool:
        """Send one frame, unless the one before is still on its way; False when it is over."""
        if not self._unsent:
            self._unsent = memoryview(part)
        return self.push()

    def push(self) -> bool:
        """Send what fits; False when the connection is over."""
        try:
            while self._unsent:
                self._unsent = self._unsent[self.connection.send(self._unsent) :]
        except BlockingIOError:
            return True
        except OSError:
            return False
        return True

    def _answer(self) -> bool:
        words = self._request.split(b"\r\n", 1)[0].split(b" ")
        if len(words) != 3 or words[0] != b"GET" or words[1].split(b"?")[0] != PATH.encode():
            self._unsent = memoryview(_NOT_FOUND)
            self.push()
            return False
        self.is_watching = True
        self._unsent = memoryview(_HEAD + b"--" + _BOUNDARY + b"\r\n")
        return self.push()


class FilmServer:
    """Shows every viewer the same frame at the same time, STREAM_FPS times a second.

    Args:
        frames: JPEGs, shown one after another, for ever.
        film_fps: how many of them make a second; a frame is repeated to fill STREAM_FPS.
        leash: the connection whose end is the end of the program.
    """

    def __init__(self, frames: Sequence[bytes], film_fps: int, leash: socket.socket) -> None:
        self._parts = [_part(frame) for frame in frames]
        self._film_fps = film_fps
        self._leash = leash
        self._listener = socket.create_server((_HOST, 0))
        self._listener.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(leash, selectors.EVENT_READ)
        self._viewers: dict[socket.socket, Viewer] = {}

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._listener.getsockname()[1])

    def serve(self) -> None:
        """Play until the leash is let go."""
        started_s, shown = time.monotonic(), 0
        while True:
            tick = int((time.monotonic() - started_s) * STREAM_FPS)
            if tick > shown:  # after a pause of the machine the film goes on from now
                shown = tick
                self._show(self._parts[tick * self._film_fps // STREAM_FPS % len(self._parts)])
            due_s = (shown + 1) / STREAM_FPS - (time.monotonic() - started_s)
            waits_s = max(due_s, 0.0) if self._viewers else None
            for key, _mask in self._selector.select(waits_s):
                if key.fileobj is self._leash:
                    return
                if key.fileobj is self._listener:
                    self._welcome()
                elif isinstance(key.fileobj, socket.socket):
                    self._hear(self._viewers[key.fileobj])

    def close(self) -> None:
        """Let every viewer and the port go."""
        for viewer in self._viewers.values():
            viewer.connection.close()
        self._selector.close()
        self._listener.close()

    def _welcome(self) -> None:
        try:
            connection, _address = self._listener.accept()
        except OSError:
            return
        self._viewers[connection] = Viewer(connection)
        self._selector.register(connection, selectors.EVENT_READ)

    def _hear(self, viewer: Viewer) -> None:
        if not viewer.hear():
            self._dismiss(viewer)

    def _show(self, part: bytes) -> None:
        watching = [viewer for viewer in self._viewers.values() if viewer.is_watching]
        for viewer in watching:
            if not viewer.show(part):
                self._dismiss(viewer)

    def _dismiss(self, viewer: Viewer) -> None:
        self._selector.unregister(viewer.connection)
        del self._viewers[viewer.connection]
        viewer.connection.close()


def _part(frame: bytes) -> bytes:
    """One part of the multipart stream, with the boundary that opens the next."""
    head = b"Content-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(frame)
    return head + frame + b"\r\n--" + _BOUNDARY + b"\r\n"


def main(arguments: Sequence[str]) -> int:
    """Read the film, connect the leash, tell the port on it, and play."""
    film, leash_port, film_fps = arguments
    frames = split(Path(film).read_bytes())
    with socket.create_connection((_HOST, int(leash_port)), timeout=10) as leash:
        leash.settimeout(None)
        server = FilmServer(frames, int(film_fps), leash)
        leash.sendall(b"%d\n" % server.port)
        try:
            server.serve()
        finally:
            server.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
