"""`make campaign-reveal`: how far apart candidates see the question (docs/measured/reveal.md).

    python -m tests.campaigns.reveal [--pairs 5] [--simulated 400]

Simulated: the real paper and the real clock in a world of skew, drift, asymmetry and jitter.
Real: pairs of processes, each behind a line of its own, to one real server; all on this machine,
so that their monotonic clocks are one and the same.
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.helpers.flaky_proxy import FlakyProxy, Weather
from tests.helpers.paper_room import PAPER_KEY
from tests.helpers.revealing import BEAT_S, ports_for
from tests.server.rig import Candidate, make_exam, serving, wall_us
from zhishiyun_client.flow.papers import Papers
from zhishiyun_protocol import paper
from zhishiyun_protocol.clock import DRIFT_PPM, Exchange, ServerClock, measured, narrowed
from zhishiyun_protocol.messages.sitting import PaperKey
from zhishiyun_protocol.signing import to_text

ROOT = Path(__file__).resolve().parents[2]
T0_US = 10**15
LEAD_EXAM_S = 600  # entry and lottery are open then
LEAD_S, LEAD_PER_PAIR_S = 8.0, 16.0  # until T0 in real time, for all to log in and come up
HEARTBEATS, BEAT_EVERY_US = 20, 5_000_000
FAREST_US, JITTER_US = 200_000, 60_000  # one way; 400 ms there and back, and what comes on top
ENVELOPE = paper.seal(paper.PaperLabel(exam_id="e", paper_id="p1"), b"question", PAPER_KEY)
DELAYS_S = (0.0, 0.1, 0.02, 0.15, 0.05, 0.2, 0.01, 0.12, 0.08, 0.18)  # one way, of each candidate


@dataclass
class SimulatedClock:
    """What a candidate's machine knows of the exam's time."""

    known: ServerClock
    local_us: int = 0
    speed: float = 1.0

    def now_us(self) -> int:
        return self.known.now_us(self.local_us)


class NoServer:
    """The line brings the key; nobody is asked."""

    def paper(self) -> bytes:
        return ENVELOPE


class Machine:
    """One machine in the simulated world; true time is the server's."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._skew_us = chance.randrange(10**9, 10**12)
        self._rate = 1 + chance.uniform(-DRIFT_PPM, DRIFT_PPM) / 1e6
        self._out_us, self._back_us = (chance.uniform(1_000, FAREST_US) for _ in range(2))
        known: ServerClock | None = None
        for number in range(HEARTBEATS):
            at_us = T0_US - (HEARTBEATS - number) * BEAT_EVERY_US - chance.randrange(BEAT_EVERY_US)
            there_us = at_us + self._late(self._out_us)
            back_us = there_us + self._late(self._back_us)
            exchange = Exchange(self._local(at_us), there_us, there_us, self._local(back_us))
            known = narrowed(known, measured(exchange))
        assert known is not None
        self.clock = SimulatedClock(known)

    def reveals_us(self) -> int:
        """True time at which the question shows, µs after T0."""
        papers = Papers(ports_for(NoServer(), self.clock), self.clock.now_us, lambda: T0_US)
        arrives_us = T0_US + 1_000 + self._late(self._back_us)
        beat_us = round(BEAT_S * 1e6)
        true_us = T0_US - 500_000 + self._chance.randrange(beat_us)
        has_key = False
        while not papers.views and true_us < T0_US + 5_000_000:
            self.clock.local_us = self._local(true_us)
            papers.beat(self.clock.local_us) if not has_key and true_us < T0_US - 400_000 else None
            if not has_key and true_us >= arrives_us:
                has_key = True
                papers.take_key(PaperKey(paper_id="p1", key=to_text(PAPER_KEY)))
            true_us += beat_us
        return true_us - beat_us - T0_US

    def _local(self, true_us: int) -> int:
        return self._skew_us + round((true_us - T0_US) * self._rate)

    def _late(self, way_us: float) -> int:
        return round(way_us + self._chance.expovariate(1 / JITTER_US) % (3 * JITTER_US))


def simulated(count: int, seed: int = 1) -> list[tuple[int, int]]:
    """So many pairs: when each of both sees the question, µs after T0."""
    chance = random.Random(seed)
    return [(Machine(chance).reveals_us(), Machine(chance).reveals_us()) for _ in range(count)]


def real(pairs: int) -> list[tuple[float, float]]:
    """So many pairs of processes: milliseconds after T0 at which each shows the question."""
    with tempfile.TemporaryDirectory() as place, ExitStack() as held:
        with redirect_stdout(sys.stderr):
            exam = make_exam(Path(place), starts_at=f"+{LEAD_EXAM_S}", count=2 * pairs)
        speed = LEAD_EXAM_S / (LEAD_S + LEAD_PER_PAIR_S * pairs)
        server = held.enter_context(serving(exam, "--speed", f"{speed:.2f}"))
        with redirect_stdout(sys.stderr):
            tickets = exam.tickets(server.url)
        http = held.enter_context(httpx.Client(base_url=server.url))
        sessions = [enters(http, ticket) for ticket in tickets]
        starts_us = http.get("/v1/me", headers=_bearer(sessions[0])).json()["starts_us"]
        port = int(server.url.rsplit(":", 1)[1])
        running = [
            _starts(held, port, DELAYS_S[n % len(DELAYS_S)], (session, str(starts_us)))
            for n, session in enumerate(sessions)
        ]
        t0_us = t0_on_our_clock(http, starts_us, speed)
        for process in running:
            assert process.stdout
            assert process.stdout.readline().startswith("knows"), "a candidate did not come up"
        assert time.monotonic_ns() / 1000 < t0_us, "the candidates came up after T0: too busy here"
        shown = [_shown_us(process) for process in running]
        return [
            ((one - t0_us) / 1000, (two - t0_us) / 1000)
            for one, two in zip(shown[::2], shown[1::2], strict=True)
        ]


def enters(http: httpx.Client, ticket: str) -> str:
    """Log in, get ready, enter; the session."""
    candidate = Candidate(http, ticket, wall_us)
    candidate.now_us = lambda: http.post("/v1/time", json={"sent_us": 0}).json()["server_sent_us"]
    candidate.log_in().get_ready().enter()
    return candidate.session


def _bearer(session: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {session}"}


def _starts(
    held: ExitStack, port: int, delay_s: float, arguments: tuple[str, str]
) -> subprocess.Popen[str]:
    proxy = held.enter_context(FlakyProxy(port, Weather(delay_s=delay_s)))
    command = [sys.executable, "-m", "tests.helpers.revealing", proxy.url, *arguments]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    held.callback(_ends, process)
    return process


def _ends(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait(10)
    if process.stdout:
        process.stdout.close()


def t0_on_our_clock(http: httpx.Client, starts_us: int, speed: float) -> float:
    """T0 in µs of this machine's monotonic clock, by the quickest of several questions."""
    best: tuple[float, float] | None = None
    for _ in range(20):
        asked_ns = time.monotonic_ns()
        answer = http.post("/v1/time", json={"sent_us": 0}).json()
        took_us = (time.monotonic_ns() - asked_ns) / 1000
        t0_us = asked_ns / 1000 + took_us / 2 + (starts_us - answer["server_sent_us"]) / speed
        best = min(best or (took_us, t0_us), (took_us, t0_us))
    assert best is not None
    return best[1]


def _shown_us(process: subprocess.Popen[str]) -> int:
    assert process.stdout
    line = process.stdout.readline().split()
    assert line[:1] == ["revealed"], "a candidate never saw the question"
    return int(line[1])


def main() -> int:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="make campaign-reveal")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--simulated", type=int, default=400)
    options = parser.parse_args()
    _tell("simulated", [(a / 1000, b / 1000) for a, b in simulated(options.simulated)])
    _tell("real processes", real(options.pairs))
    return 0


def _tell(name: str, pairs: list[tuple[float, float]]) -> None:
    apart = sorted(abs(one - two) for one, two in pairs)
    first = min(min(pair) for pair in pairs)
    last = max(max(pair) for pair in pairs)
    print(
        f"{name}: {len(pairs)} pairs; apart: median {statistics.median(apart):.0f} ms, "
        f"most {apart[-1]:.0f} ms; first {first:.0f} ms, last {last:.0f} ms after T0"
    )


if __name__ == "__main__":
    sys.exit(main())
