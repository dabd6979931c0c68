"""Wakes the live connections of an attempt when there is news for it."""

from __future__ import annotations

import asyncio
from collections import defaultdict


class Switchboard:
    """Who is connected now. Losing a wake-up loses nothing: every heartbeat asks for news anyway.

    Thread: the event loop.
    """

    def __init__(self) -> None:
        self._lines: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    def plug(self, attempt_id: str) -> asyncio.Event:
        """A new connection: its event is set whenever there is news."""
        event = asyncio.Event()
        self._lines[attempt_id].add(event)
        return event

    def unplug(self, attempt_id: str, event: asyncio.Event) -> None:
        """The connection is gone."""
        self._lines[attempt_id].discard(event)
        if not self._lines[attempt_id]:
            del self._lines[attempt_id]

    def ring(self, attempt_id: str) -> None:
        """There is news for an attempt."""
        for event in self._lines.get(attempt_id, ()):
            event.set()
