"""One load run: everybody comes in, waits, sees the paper at T0, uploads, finishes."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import msgspec
import psutil

from zhishiyun_server.load.figures import CallFigures, Figures, percentile
from zhishiyun_server.load.player import Card, Gone, Player
from zhishiyun_server.load.with_phone import WithPhone

SAMPLE_S = 0.25
T0_WITHIN_S = 60.0
LOOPBACK = "127."


@dataclass(frozen=True, slots=True)
class Pace:
    """How the candidates behave."""

    arrive_per_s: float = 20.0
    wait_s: float = 10.0  # everybody is in and only heartbeats go, so that their cost is seen
    upload_s: float = 20.0
    chunk_bytes: int = 64 * 1024
    every_s: float = 2.0
    phones: bool = True  # everybody has a phone that films as well


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """What one part of the run cost the server."""

    seconds: float
    cpu_s: float
    cpu_ms_a_candidate: float


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One run with so many candidates."""

    candidates: int
    receipts: int
    phone_receipts: int
    errors: dict[str, int]
    waits: dict[str, int]
    calls: dict[str, CallFigures]
    key_spread_ms: float  # between the first and the last who has the paper's key
    parts: dict[str, Part]
    memory_before_mb: float | None
    memory_most_mb: float | None
    memory_kb_a_connection: float | None
    player_cpu_share: float  # of one core, of the players themselves, over the whole run


class Meter:
    """CPU and memory of the server's processes; of nothing where the server is elsewhere."""

    def __init__(self, processes: Sequence[psutil.Process]) -> None:
        self._processes = processes
        self.before_mb = self.memory_mb()
        self.most_mb = self.before_mb

    def cpu_s(self) -> float:
        """CPU seconds since the server began."""
        return sum(float(sum(one.cpu_times()[:2])) for one in self._processes)

    def memory_mb(self) -> float | None:
        """What it holds in memory now."""
        if not self._processes:
            return None
        return sum(float(one.memory_info().rss) for one in self._processes) / 1e6

    async def watch(self) -> None:
        """Keep the largest memory seen."""
        while True:
            now_mb = self.memory_mb()
            if now_mb is not None:
                self.most_mb = max(self.most_mb or 0.0, now_mb)
            await asyncio.sleep(SAMPLE_S)


class Campaign:
    """Plays all cards against one server."""

    def __init__(
        self,
        urls: Sequence[str],
        cards: Sequence[Card],
        pace: Pace,
        processes: Sequence[psutil.Process] = (),
    ) -> None:
        """Candidates take the processes at `urls` in turn."""
        self._pace = pace
        self._figures = Figures()
        self._meter = Meter(processes)
        self._parts: dict[str, Part] = {}
        self._count = len(cards)
        kind = WithPhone if pace.phones else Player
        on_loopback = LOOPBACK in urls[0] and sys.platform == "linux"
        self._players = [
            kind(urls[n % len(urls)], card, self._figures, _address(n) if on_loopback else None)
            for n, card in enumerate(cards)
        ]

    async def run(self) -> Run:
        """Play the whole exam."""
        own = psutil.Process()
        own_before, began_s = sum(own.cpu_times()[:2]), time.monotonic()
        watching = asyncio.create_task(self._meter.watch())
        try:
            await self._part("come_in", self._all_come_in)
            idle_mb = self._meter.memory_mb()
            await self._part("wait", lambda: asyncio.sleep(self._pace.wait_s))
            await self._part("t0", self._all_see_the_paper)
            await self._part("upload", self._all_upload)
            await self._part("finish", lambda: self._everybody(lambda player: player.finish()))
        finally:
            watching.cancel()
            await asyncio.gather(*(player.leave() for player in self._players))
        own_s = sum(own.cpu_times()[:2]) - own_before
        return self._told(idle_mb, own_s / (time.monotonic() - began_s))

    async def _part(self, name: str, what: Callable[[], Awaitable[object]]) -> None:
        began_s, cpu_s = time.monotonic(), self._meter.cpu_s()
        await what()
        spent_s = self._meter.cpu_s() - cpu_s
        self._parts[name] = Part(
            seconds=round(time.monotonic() - began_s, 2),
            cpu_s=round(spent_s, 3),
            cpu_ms_a_candidate=round(1000 * spent_s / self._count, 2),
        )

    async def _all_come_in(self) -> None:
        async def come(player: Player, after_s: float) -> None:
            await asyncio.sleep(after_s)
            await player.come_in()

        gap_s = 1 / self._pace.arrive_per_s
        await self._gather(
            [come(player, n * gap_s) for n, player in enumerate(self._players)], self._players
        )

    async def _all_see_the_paper(self) -> None:
        wait_s = max((player.until_t0_s() for player in self._players), default=0.0)
        await self._everybody(lambda player: player.see_paper(wait_s + T0_WITHIN_S))

    async def _all_upload(self) -> None:
        until_s = time.monotonic() + self._pace.upload_s
        chunk, every_s = self._pace.chunk_bytes, self._pace.every_s
        await self._everybody(lambda player: player.upload(chunk, every_s, until_s))

    async def _everybody(self, what: Callable[[Player], Awaitable[None]]) -> None:
        await self._gather([what(player) for player in self._players], self._players)

    async def _gather(self, doing: Sequence[Awaitable[None]], players: Sequence[Player]) -> None:
        """Let all do it; who cannot go on stays away from then on, and is in the errors."""
        done = await asyncio.gather(*doing, return_exceptions=True)
        gone: set[int] = set()
        for player, outcome in zip(players, done, strict=True):
            if isinstance(outcome, Gone):
                gone.add(id(player))
                await player.leave()
            elif isinstance(outcome, BaseException):
                raise outcome
        self._players = [player for player in self._players if id(player) not in gone]

    def _told(self, idle_mb: float | None, own_share: float) -> Run:
        meter, players = self._meter, self._players
        keys = [p.key_after_s for p in players if p.key_after_s is not None]
        grown_mb = None if idle_mb is None or meter.before_mb is None else idle_mb - meter.before_mb
        return Run(
            candidates=self._count,
            receipts=sum(player.receipt is not None for player in players),
            phone_receipts=sum(
                isinstance(player, WithPhone) and player.phone_receipt is not None
                for player in players
            ),
            errors=dict(self._figures.errors),
            waits=dict(self._figures.waits),
            calls=self._figures.table(),
            key_spread_ms=round(1000 * (percentile(keys, 100) - min(keys, default=0.0)), 1),
            parts=self._parts,
            memory_before_mb=_rounded(meter.before_mb),
            memory_most_mb=_rounded(meter.most_mb),
            memory_kb_a_connection=(
                None if grown_mb is None else round(1000 * grown_mb / self._count, 1)
            ),
            player_cpu_share=round(own_share, 2),
        )


def _address(number: int) -> str:
    """An address of loopback of one's own: candidates do not share one."""
    return f"127.1.{number // 250}.{number % 250 + 1}"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
