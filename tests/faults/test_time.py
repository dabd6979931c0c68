"""Nobody's date moves the exam: not a candidate's, not the server's, not a suspended program."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.campaigns.reveal import enters, t0_on_our_clock
from tests.helpers.waits import wait_until
from tests.server.rig import PLAN, Candidate, make_exam, serving, wall_us

pytestmark = [
    pytest.mark.faults,
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="the wrong date is a preloaded library"),
]

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "tests" / "rigs" / "wall_clock.c"
YEAR_S = 366 * 24 * 3600
SPEED = 30.0
LEAD_EXAM_S, STAGE_EXAM_S, LATE_EXAM_S = 600, 240, 150  # 20 s, 8 s and 5 s of real time
PAPER_PLAN = PLAN.replace("duration_s = 600", f"duration_s = {STAGE_EXAM_S}") + (
    f"[entry]\nlate_cutoff_s = {LATE_EXAM_S}\n"
)
SOON_S = 1.5  # on a busy machine; usually a few hundredths


@dataclass(frozen=True)
class Frame:
    """What one page showed, and when."""

    at_s: float
    phase: str
    counts: int
    papers: int
    date_s: int


@dataclass
class Watched:
    """A candidate's process and all its frames."""

    process: subprocess.Popen[str]
    frames: list[Frame] = field(default_factory=list)

    def read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            at_us, phase, counts, papers, date_s = line.split()
            self.frames.append(
                Frame(int(at_us) / 1e6, phase, int(counts), int(papers), int(date_s))
            )

    def begin_of(self, phase: str) -> float:
        return next(frame.at_s for frame in self.frames if frame.phase == phase)

    def first_paper_s(self) -> float:
        return next(frame.at_s for frame in self.frames if frame.papers)

    def off_s(self, now_s: float, t0_s: float) -> list[float]:
        """By how many exam seconds each countdown was wrong."""
        ends = {"waiting": t0_s, "answering": t0_s + STAGE_EXAM_S / SPEED}
        return [
            frame.counts - (ends[frame.phase] - frame.at_s) * SPEED
            for frame in self.frames
            if frame.phase in ends and frame.at_s >= now_s
        ]


class Date:
    """The date of one machine, set while its programs run."""

    def __init__(self, folder: Path, library: Path, name: str) -> None:
        self._file = folder / f"{name}.off"
        self.set(0)
        self.environment = {"LD_PRELOAD": str(library), "WALL_OFF_FILE": str(self._file)}

    def set(self, off_s: int) -> None:
        fresh = self._file.with_suffix(".new")
        fresh.write_text(str(off_s))
        fresh.replace(self._file)


@pytest.fixture
def library(tmp_path: Path) -> Path:
    made = tmp_path / "libwallclock.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", made, SOURCE, "-ldl"], check=True)
    return made


@contextmanager
def watching(url: str, session: str, environment: Mapping[str, str]) -> Iterator[Watched]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.helpers.counting", url, session],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    watched = Watched(process)
    reader = threading.Thread(target=watched.read, name="frames")
    reader.start()
    try:
        yield watched
    finally:
        process.kill()
        process.wait(10)
        reader.join(10)
        assert process.stdout
        process.stdout.close()


def until(at_s: float) -> None:
    """Wait for an instant of the monotonic clock."""
    wait_until(lambda: time.monotonic() >= at_s, max(1.0, at_s - time.monotonic() + 5))


def test_countdown_reveal_and_cut_offs_stand_still_whatever_the_date_does(
    tmp_path: Path, library: Path
) -> None:
    """One desk honest, one whose date is set a year on and a year back, one suspended over T0."""
    here, there = Date(tmp_path, library, "desk"), Date(tmp_path, library, "server")
    elsewhere = {**here.environment, "TZ": "America/New_York"}
    exam = make_exam(tmp_path, plan=PAPER_PLAN, starts_at=f"+{LEAD_EXAM_S}", count=5)
    with ExitStack() as held:
        speed = ("--speed", str(SPEED))
        server = held.enter_context(serving(exam, *speed, environment=there.environment))
        http = held.enter_context(httpx.Client(base_url=server.url))
        sessions = [enters(http, ticket) for ticket in exam.tickets(server.url)[:3]]
        late = [ready(http, ticket) for ticket in exam.tickets(server.url)[3:]]
        starts_us = late[0].sitting().starts_us
        t0_s = t0_on_our_clock(http, starts_us, SPEED) / 1e6
        here.set(YEAR_S)
        there.set(-YEAR_S)
        honest, moved, stopped = [
            held.enter_context(watching(server.url, session, environment))
            for session, environment in zip(sessions, ({}, elsewhere, {}), strict=True)
        ]
        wait_until(lambda: all(each.frames for each in (honest, moved, stopped)), 60)
        assert time.monotonic() < t0_s - 2, "the candidates came up too late: too busy here"

        until(t0_s - 2)
        here.set(-YEAR_S)
        stopped.process.send_signal(signal.SIGSTOP)
        until(t0_s + 1.5)
        stopped.process.send_signal(signal.SIGCONT)
        woken_s = time.monotonic()
        there.set(YEAR_S)
        until(t0_s + LATE_EXAM_S / SPEED - 1.5)
        entered = late[0].try_entry()
        until(t0_s + LATE_EXAM_S / SPEED + 0.2)
        refused = late[1].try_entry()
        for watched in (honest, moved, stopped):
            wait_until(lambda watched=watched: watched.frames[-1].phase == "ending", 20)

    assert entered.status_code == 200, entered.text
    assert (refused.status_code, refused.json()["code"]) == (403, "CLOSED")
    assert {round((f.date_s - honest.frames[0].date_s) / YEAR_S) for f in moved.frames} == {-1, 1}
    ends_s = t0_s + STAGE_EXAM_S / SPEED
    for watched, since_s in ((honest, 0.0), (moved, 0.0), (stopped, woken_s)):
        off = sorted(abs(each) for each in watched.off_s(since_s, t0_s))
        assert off[len(off) * 9 // 10] <= 3, "a tenth of a real second"
        assert 0 <= watched.begin_of("ending") - ends_s <= SOON_S
        assert watched.first_paper_s() >= t0_s, "nobody sees the question early"
    assert abs(moved.begin_of("answering") - honest.begin_of("answering")) <= SOON_S
    assert abs(moved.first_paper_s() - honest.first_paper_s()) <= SOON_S
    assert stopped.first_paper_s() - woken_s <= SOON_S
    assert all(f.phase == "answering" for f in stopped.frames if woken_s + SOON_S < f.at_s < ends_s)


def ready(http: httpx.Client, ticket: str) -> Candidate:
    """Somebody who has done everything but entered."""
    candidate = Candidate(http, ticket, wall_us)
    candidate.now_us = lambda: http.post("/v1/time", json={"sent_us": 0}).json()["server_sent_us"]
    return candidate.log_in().get_ready()
