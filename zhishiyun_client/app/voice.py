"""Speaking through a connection without ever waiting for whoever listens at the other end."""

from __future__ import annotations

import threading
from typing import Protocol

from zhishiyun_client.runtime.trays import Line
from zhishiyun_client.runtime.worker import Report, Worker

CAPACITY = 512  # a frozen listener misses statuses beyond this; what matters is said again
_WAIT_S = 0.5
_NOBODY_S = 0.05


class Speaks(Protocol):
    """The near end of a connection."""

    def send_bytes(self, data: bytes) -> None:
        """Send a message; may wait. Raises OSError or ValueError when nobody listens any more."""
        ...


class Voice(Worker):
    """Sends messages in order through whichever connection is there."""

    def __init__(self, name: str, report: Report) -> None:
        super().__init__(name, report)
        self._line: Line[bytes] = Line(CAPACITY)
        self._connection: Speaks | None = None
        self._unsent: bytes | None = None
        self._listens = threading.Event()

    def use(self, connection: Speaks | None) -> None:
        """Speak through this one from now on; None: to nobody. Thread: any."""
        self._connection = connection
        if connection is None:
            self._listens.clear()
        else:
            self._listens.set()

    @property
    def has_listener(self) -> bool:
        """Whether anybody listens."""
        return self._listens.is_set()

    def say(self, data: bytes) -> bool:
        """Queue a message; False when too many wait already. Thread: any."""
        return self._line.put(data)

    def turn(self, stop: threading.Event) -> None:
        """Send the next message, or wait for a listener."""
        if self._unsent is None:
            self._unsent = self._line.take(_WAIT_S)
        connection = self._connection
        if self._unsent is None:
            return
        if connection is None:
            self._listens.wait(_NOBODY_S)
            return
        try:
            connection.send_bytes(self._unsent)
        except (OSError, ValueError):
            if self._connection is connection:
                self.use(None)
        else:
            self._unsent = None
