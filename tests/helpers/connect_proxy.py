"""An HTTP proxy that opens tunnels (CONNECT), all of them to one port of this machine."""

from __future__ import annotations

import socket
import threading


class ConnectProxy:
    """`with ConnectProxy(port) as proxy:` … `proxy.url`, `proxy.asked`."""

    def __init__(self, target_port: int, answer: bytes = b"HTTP/1.1 200 OK\r\n\r\n") -> None:
        self.asked: list[bytes] = []
        self._target_port = target_port
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, name="connect-proxy")]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> ConnectProxy:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        for sock in (self._listener, *self._open):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
            finally:
                sock.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(near)
            self._start(self._tunnel, near)

    def _tunnel(self, near: socket.socket) -> None:
        heard = b""
        while b"\r\n\r\n" not in heard:
            piece = near.recv(4096)
            if not piece:
                return
            heard += piece
        self.asked.append(heard.split(b"\r\n")[0])
        near.sendall(self._answer)
        if b" 200 " not in self._answer:
            return
        far = socket.create_connection(("127.0.0.1", self._target_port))
        self._open.append(far)
        self._start(self._pipe, near, far)
        self._pipe(far, near)

    def _pipe(self, here: socket.socket, there: socket.socket) -> None:
        try:
            while data := here.recv(65536):
                there.sendall(data)
            there.shutdown(socket.SHUT_WR)
        except OSError:
            return

    def _start(self, target: object, *arguments: socket.socket) -> None:
        thread = threading.Thread(target=target, args=arguments, name="connect-tunnel")  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()
