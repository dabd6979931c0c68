"""The live connections of this process, and who is to hear that there is news."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass

from zhishiyun_server.bus import Bus, NobodyElse, Topic
from zhishiyun_server.keep.sessions import Seat


@dataclass(slots=True, eq=False)
class LiveLine:
    """One connection, and what is known of its attempt without asking the database."""

    who: Seat
    send: Callable[[bytes], None]  # one text; harmless when the connection is going
    refresh: Callable[[LiveLine], Awaitable[None]]  # look at everything anew, and push
    newest: int = 0  # newest news there is, as far as known here
    committed: int = 0  # records that are durably committed
    after: int = 0  # newest news that the client has handled
    told: int = 0  # newest news that was sent to it, with all before
    checked_s: float = 0.0  # when the session was last looked at
    is_rung: bool = False


class Switchboard:
    """Who is connected now. Losing a wake-up loses nothing: every heartbeat asks for news anyway.

    Thread: the event loop.
    """

    def __init__(self, bus: Bus | None = None) -> None:
        """A switchboard without lines; `bus`: the way to other processes and their lines."""
        self._bus = bus or NobodyElse()
        self._bus.on(Topic.NEWS, lambda told: self.ring_here(told.decode()))
        self._lines: defaultdict[str, set[LiveLine]] = defaultdict(set)
        self._tasks: set[asyncio.Task[None]] = set()

    def plug(self, line: LiveLine) -> None:
        """A new connection."""
        self._lines[line.who.attempt_id].add(line)

    def unplug(self, line: LiveLine) -> None:
        """The connection is gone."""
        lines = self._lines[line.who.attempt_id]
        lines.discard(line)
        if not lines:
            del self._lines[line.who.attempt_id]

    def ring(self, attempt_id: str) -> None:
        """There is news for an attempt: its connections look soon, here and elsewhere."""
        self.ring_here(attempt_id)
        self._bus.tell(Topic.NEWS, attempt_id.encode())

    def ring_here(self, attempt_id: str) -> None:
        """The same for the connections of this process."""
        for line in self._lines.get(attempt_id, ()):
            if not line.is_rung:
                line.is_rung = True
                self.start(_answer_the_bell(line))

    def learn(self, standings: Iterable[tuple[str, int, int]]) -> None:
        """(attempt, newest news, committed) as the database has them; rings where news waits."""
        for attempt_id, newest, committed in standings:
            for line in self._lines.get(attempt_id, ()):
                line.committed = max(line.committed, committed)
                line.newest = max(line.newest, newest)
                if newest > max(line.after, line.told):
                    self.ring_here(attempt_id)

    def lines(self) -> Iterator[LiveLine]:
        """Every connection."""
        for lines in list(self._lines.values()):
            yield from list(lines)

    async def close(self) -> None:
        """Let pushes under way end."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def start(self, what: Awaitable[None]) -> None:
        """Something for a connection that cannot be done at once."""
        task = asyncio.ensure_future(what)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _answer_the_bell(line: LiveLine) -> None:
    line.is_rung = False
    await line.refresh(line)
