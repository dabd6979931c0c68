"""The server's ingest beside nginx taking PUTs and the npm tus server: CPU ms a MiB.

Each candidate sends 1 MiB every 2.1 s (4 Mbit/s), as recorded: real log segments of some 170
records. Ours verifies the digest, fsyncs file and folder and commits an index row; the anchors do
none of this. Rounds alternate; one number is the median over rounds. `ours` is ingest alone: the
first segment of each is withheld, so that no chain can be followed; `following` is the same with
the chain followed (two more SHA-256 over every byte, and every record looked at), as in an exam.

Then 200 candidates on one core, for the time of a call, and what a core carries by that CPU.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import math
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import psutil

from benchmarks.ingest.anchors import cpu_s, nginx, tus
from benchmarks.ingest.crowd import Crowd, Request, drive
from tests.server.rig import Candidate, ExamHome, make_exam, serving, told, wall_us
from zhishiyun_protocol.messages.evidence import ChunkOffer, Grant, GrantRequest, Grants
from zhishiyun_protocol.messages.live import ChainHead
from zhishiyun_protocol.signing import from_text
from zhishiyun_server.load.figures import percentile
from zhishiyun_server.load.recording import Recording, header_of

ROUNDS = 3
PERIOD_S = 2.1
SENDERS = 40
LASTS_S = 12.0
CROWD = 200
CROWD_LASTS_S = 15.0
SEGMENT_BYTES = 1024 * 1024
PACKET_BYTES = 6000  # some 170 records a MiB, as a recorder writes them
MBIT_MIB_S = 4e6 / 8 / 1024 / 1024  # one candidate at 4 Mbit/s
CORE = 1


class Patient(httpx.HTTPTransport):
    """Comes again when told to: hundreds enter here from one address, and faster than people."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send it until the answer is another."""
        answer = super().handle_request(request)
        while answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            answer.close()
            time.sleep(float(answer.headers["retry-after"]))
            answer = super().handle_request(request)
        return answer


class Seats:
    """Candidates who have entered, and the segments each will send: made beforehand."""

    def __init__(self, exam: ExamHome, url: str) -> None:
        with contextlib.redirect_stdout(sys.stderr):
            tickets = exam.tickets(url)
        with httpx.Client(base_url=url, transport=Patient()) as http:
            self._url = url
            self._people = [self._enter(http, ticket) for ticket in tickets]

        self._ready: dict[tuple[int, int], tuple[Grant, bytes]] = {}

    def bearer(self, sender: int) -> dict[str, str]:
        """The header that authorises one sender."""
        return self._people[sender][0].bearer

    def next_head(self, sender: int) -> ChainHead:
        """What one sender's device commits to after a little more was recorded."""
        recording = self._people[sender][1]
        recording.grow(1, 0)
        return recording.head()

    def withhold_one(self) -> None:
        """Never send the first segment: what follows it cannot be followed."""
        for _, recording in self._people:
            recording.grow(SEGMENT_BYTES, 0)

    def prepare(self, lasts_s: float) -> None:
        """Make what will be sent in so many seconds, and get it granted: neither is measured."""
        self._ready.clear()
        with httpx.Client(base_url=self._url, timeout=60) as http:
            for sender, (candidate, recording) in enumerate(self._people):
                candidate.http = http
                made = [
                    recording.grow(SEGMENT_BYTES, number * 2_100_000)
                    for number in range(math.ceil(lasts_s / PERIOD_S) + 1)
                ]
                for number, (grant, (_, data)) in enumerate(
                    zip(_granted(candidate, made), made, strict=True)
                ):
                    self._ready[sender, number] = (grant, data)

    def request(self, sender: int, number: int) -> Request:
        """The PUT of one sender's next segment."""
        grant, data = self._ready[sender, number]
        return "PUT", grant.url, grant.headers, data

    def _enter(self, http: httpx.Client, ticket: str) -> tuple[Candidate, Recording]:
        candidate = Candidate(http, ticket, wall_us).log_in().get_ready()
        granted = candidate.enter()
        sitting = candidate.sitting()
        header = header_of(
            attempt_id=granted.attempt_id,
            exam_id=sitting.exam_id,
            plan_sha256=sitting.plan.sha256(),
            device=candidate.device,
            server_key=granted.server_key,
            evidence_key=granted.evidence_key,
            created_us=granted.entered_us,
        )
        key = from_text(granted.evidence_key)
        return candidate, Recording(header, candidate.device, key, packet_bytes=PACKET_BYTES)


def _granted(candidate: Candidate, made: list[tuple[int, bytes]]) -> tuple[Grant, ...]:
    offers = tuple(
        ChunkOffer(first_byte=first, length=len(data), sha256=hashlib.sha256(data).hexdigest())
        for first, data in made
    )
    answer = candidate.post("/v1/me/evidence/grants", GrantRequest(chunks=offers))
    return told(answer, Grants).grants


def main() -> int:
    """Measure all in turn."""
    ours: list[float] = []
    following: list[float] = []
    anchor: list[float] = []
    rival: list[float] = []
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        nginx_url, nginx_process = stack.enter_context(nginx(place / "nginx"))
        tus_url, tus_process = stack.enter_context(tus(place / "tus"))
        seats, url, process = stack.enter_context(in_hall(place / "ours", SENDERS))
        whole, whole_url, whole_process = stack.enter_context(in_hall(place / "whole", SENDERS))
        seats.withhold_one()
        for number in range(ROUNDS):
            anchor.append(_cost(nginx_process, nginx_url, _plain(number)))
            seats.prepare(LASTS_S)
            ours.append(_cost(process, url, seats.request))
            whole.prepare(LASTS_S)
            following.append(_cost(whole_process, whole_url, whole.request))
            rival.append(_cost(tus_process, tus_url, _tus()))
            print(
                f"round {number + 1}: ours {ours[-1]:.2f}, following {following[-1]:.2f}, "
                f"nginx {anchor[-1]:.2f}, tus {rival[-1]:.2f} CPU ms/MiB",
                flush=True,
            )
    crowd, crowd_ms = _on_one_core()
    _tell(ours, following, anchor, rival, crowd, crowd_ms)
    return 0


@contextlib.contextmanager
def in_hall(folder: Path, count: int) -> Iterator[tuple[Seats, str, psutil.Process]]:
    """Our server over a fresh folder, and everybody who has entered."""
    folder.mkdir()
    with contextlib.redirect_stdout(sys.stderr):
        exam = make_exam(folder, starts_at="+600", count=count)
    with serving(exam) as server, contextlib.redirect_stdout(sys.stderr):
        yield Seats(exam, server.url), server.url, psutil.Process(server.popen.pid)


def _cost(process: psutil.Process, url: str, request_of: Callable[[int, int], Request]) -> float:
    """CPU ms a MiB; what the one before left in memory is flushed first: we would pay for it."""
    os.sync()
    before_s = cpu_s(process)
    crowd = asyncio.run(drive(url, SENDERS, PERIOD_S, LASTS_S, request_of))
    return 1000 * (cpu_s(process) - before_s) / crowd.mib


def _plain(round_number: int) -> Callable[[int, int], Request]:
    data = os.urandom(SEGMENT_BYTES)

    def request(sender: int, number: int) -> Request:
        return "PUT", f"/{round_number}-{sender}-{number}", {}, data

    return request


def _tus() -> Callable[[int, int], Request]:
    """One creation-with-upload a segment: the cheapest way that the protocol has."""
    data = os.urandom(SEGMENT_BYTES)
    headers = {
        "Tus-Resumable": "1.0.0",
        "Upload-Length": str(len(data)),
        "Content-Type": "application/offset+octet-stream",
    }

    def request(_sender: int, _number: int) -> Request:
        return "POST", "/files", headers, data

    return request


def _on_one_core() -> tuple[Crowd, float]:
    """200 candidates against a server that has one core; (what they did, CPU ms a MiB)."""
    with tempfile.TemporaryDirectory() as folder, in_hall(Path(folder) / "one", CROWD) as place:
        seats, url, process = place
        for one in [process, *process.children(recursive=True)]:
            one.cpu_affinity([CORE])
        seats.prepare(CROWD_LASTS_S)
        before_s = cpu_s(process)
        crowd = asyncio.run(drive(url, CROWD, PERIOD_S, CROWD_LASTS_S, seats.request))
        return crowd, 1000 * (cpu_s(process) - before_s) / crowd.mib


def _sha256_ms() -> float:
    """CPU ms a MiB that SHA-256 alone costs here: what no server that verifies can go below."""
    data, began_s = os.urandom(SEGMENT_BYTES), time.process_time()
    for _ in range(100):
        hashlib.sha256(data)
    return 10 * (time.process_time() - began_s)


def _tell(
    ours: list[float],
    following: list[float],
    anchor: list[float],
    rival: list[float],
    crowd: Crowd,
    crowd_ms: float,
) -> None:
    mine, whole_ms, nginx_ms, tus_ms = (
        statistics.median(values) for values in (ours, following, anchor, rival)
    )
    found = {
        "bench": "ingest",
        "ours": round(mine, 3),
        "anchor": round(nginx_ms, 3),
        "ratio": round(mine / nginx_ms, 3),
        "unit": "CPU ms/MiB",
        "following": round(whole_ms, 3),
        "sha256": round(_sha256_ms(), 3),
        "tus": round(tus_ms, 3),
        "ratio_to_tus": round(mine / tus_ms, 3),
        "candidates_a_core": round(1000 / (mine * MBIT_MIB_S)),
        "candidates_a_core_following": round(1000 / (whole_ms * MBIT_MIB_S)),
        "one_core": {
            "candidates": CROWD,
            "cpu_ms_mib": round(crowd_ms, 3),
            "mib_s": round(crowd.mib / CROWD_LASTS_S, 1),
            "late": crowd.late,
            **{
                f"p{share}_ms": round(1000 * percentile(crowd.seconds, share), 1)
                for share in (50, 90, 99, 100)
            },
        },
    }
    print(json.dumps(found, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    sys.exit(main())
