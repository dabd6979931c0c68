"""What the live channel reports: the exam's clock, news, and whether the line is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from zhishiyun_protocol.clock import ServerClock
from zhishiyun_protocol.messages.live import News


@dataclass(frozen=True, slots=True)
class ClockKnown:
    """The exam's clock is known better than before; local times are µs of the monotonic clock."""

    clock: ServerClock


@dataclass(frozen=True, slots=True)
class NewsArrived:
    """One item of news, each exactly once and in order of its cursor."""

    news: News


@dataclass(frozen=True, slots=True)
class Committed:
    """The server is committed to records up to this number."""

    records: int


@dataclass(frozen=True, slots=True)
class LineUp:
    """Heartbeats are answered. `by` is "websocket" or "http"."""

    by: str


@dataclass(frozen=True, slots=True)
class LineDown:
    """Heartbeats are not answered; recording goes on.

    code: NETWORK_DOWN, SERVER_SILENT, SESSION_UNKNOWN, …
    """

    code: str
    message: str
    zh: str


class ReleaseRelay(Protocol):
    """Somebody in the local network who hands on a paper's release code. Thread: any worker."""

    def ask(self, paper_id: str) -> str:
        """The code that somebody told, "" when nobody did within a second; never trusted unseen."""
        ...
