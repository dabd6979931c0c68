"""The recorder's end of the line: lets one desk in at a time and hears it."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from multiprocessing import AuthenticationError
from multiprocessing.connection import Connection, Listener
from pathlib import Path
from typing import Any

import msgspec

from zhishiyun_client.app.recorder_address import connect, listen, read_address
from zhishiyun_client.app.voice import Voice
from zhishiyun_client.ports.recorder import (
    Message,
    Status,
    ToRecorder,
    decode_to_recorder,
    encode,
)
from zhishiyun_client.runtime.worker import Report, Worker

LOG = logging.getLogger(__name__)
GLANCE_S = 0.25
UNTOLD = 64  # messages kept for a desk that is away


@dataclass(frozen=True, slots=True)
class Heard:
    """The desk said something."""

    message: ToRecorder


@dataclass(frozen=True, slots=True)
class DeskGone:
    """The desk's connection ended."""


class Door(Worker):
    """Thread "door": accepts desks; the newest one is spoken with."""

    def __init__(self, home: Path, preview: str, report: Report) -> None:
        super().__init__("door", report)
        self._home = home
        self._listener: Listener = listen(home, preview)
        self._ear = Ear(report)
        self._voice = Voice("desk-voice", report)
        self._untold: list[bytes] = []

    @property
    def has_desk(self) -> bool:
        """Whether a desk is connected."""
        return self._ear.is_listening

    def start(self) -> None:
        """Begin, with ear and voice."""
        self._ear.start()
        self._voice.start()
        super().start()

    def tell(self, message: Message) -> None:
        """Say something to the desk; what matters waits for it, a status does not."""
        if self._ear.is_listening and self._voice.has_listener:
            self._voice.say(encode(message))
        elif not isinstance(message, Status):
            self._untold = [*self._untold[-UNTOLD + 1 :], encode(message)]

    def turn(self, stop: threading.Event) -> None:
        """Let the next desk in."""
        try:
            connection: Any = self._listener.accept()  # on Windows a pipe, the same methods
        except (OSError, EOFError, AuthenticationError) as error:
            LOG.warning("somebody did not get in: %s", type(error).__name__)
            stop.wait(GLANCE_S)
            return
        if stop.is_set():
            connection.close()
            return
        self._ear.listen_to(connection)
        self._voice.use(connection)
        untold, self._untold = self._untold, []
        for data in untold:
            self._voice.say(data)

    def ask_to_stop(self) -> None:
        """Ask, and wake the accepting thread by knocking."""
        super().ask_to_stop()
        self._knock()

    def stop(self, within_s: float) -> bool:
        """Ask, wake, wait."""
        self.ask_to_stop()
        return super().stop(within_s)

    def leave(self) -> None:
        """Close the door."""
        self._voice.stop(1.0)
        self._ear.stop(1.0)
        self._listener.close()

    def _knock(self) -> None:
        address = read_address(self._home)
        if address is None or not self.is_running:
            return
        try:
            connect(address).close()
        except (OSError, EOFError, AuthenticationError) as error:
            LOG.info("nobody opened: %s", type(error).__name__)


class Ear(Worker):
    """Thread "ear": hears the one desk that is connected."""

    def __init__(self, report: Report) -> None:
        super().__init__("ear", report)
        self._connection: Connection | None = None
        self._heard: Connection | None = None
        self._called = threading.Event()

    @property
    def is_listening(self) -> bool:
        """Whether there is anybody to hear."""
        return self._connection is not None

    def listen_to(self, connection: Connection) -> None:
        """Hear this desk from now on. Thread: the door's."""
        self._connection = connection
        self._called.set()

    def turn(self, stop: threading.Event) -> None:
        """Hear one message."""
        connection = self._connection
        if self._heard is not None and self._heard is not connection:
            self._heard.close()  # a newer desk has come
        self._heard = connection
        if connection is None:
            self._called.wait(GLANCE_S)
            self._called.clear()
            return
        try:
            if connection.poll(GLANCE_S):
                self._report(Heard(decode_to_recorder(connection.recv_bytes())))
        except (EOFError, OSError):
            connection.close()
            if self._connection is connection:
                self._connection = None
                self._report(DeskGone())
        except msgspec.DecodeError as error:
            LOG.error("the desk said something unknown: %s", error)

    def leave(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
