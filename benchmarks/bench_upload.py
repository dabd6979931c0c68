"""Our uploader against curl, the same chunks to the same exam server on loopback: MB/s.

Ours reads, cuts, hashes, writes its cuts down, asks for grants and sends; curl finds the chunks cut
and hashed beforehand in files of their own, keeps its connections, and sends six at once as ours
does on loopback. Ours gives its threads turns as the recorder does that it runs in. Each round has
two fresh candidates of the real server, which verifies, fsyncs and indexes; who goes first
alternates.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.outcome import report
from tests.server.log_rig import new_log
from tests.server.rig import Candidate, ExamHome, make_exam, serving, wall_us
from zhishiyun_client.capture.studio import SWITCH_INTERVAL_S
from zhishiyun_client.evidence.finished import FinishedLog
from zhishiyun_client.net.evidence_api import EvidenceClient
from zhishiyun_client.net.wire import Wire
from zhishiyun_client.ports.api import Pacer
from zhishiyun_client.upload.cuts import SUFFIX, CutTable
from zhishiyun_client.upload.gauge import MOST_AT_ONCE
from zhishiyun_client.upload.pump import Uploader
from zhishiyun_protocol.evidence.layout import Kind, Track
from zhishiyun_protocol.messages.evidence import ChunkKept, Grant, Seal
from zhishiyun_protocol.signing import from_text

ROUNDS = 5
LOG_BYTES = 192 * 1024 * 1024  # two minutes of the best quality: the beginning weighs little
PACKET_BYTES = 20_000
CURL_AT_ONCE = MOST_AT_ONCE
LAST_BYTES = 2 * 1024 * 1024
WITHIN_S = 120.0


@dataclass(frozen=True, slots=True)
class Seat:
    """A candidate who may send evidence, and the log to send."""

    session: str
    attempt_id: str
    server_key: bytes
    log: Path
    seal: Seal

    @property
    def size(self) -> int:
        """Bytes of the log."""
        return self.log.stat().st_size


def main() -> int:
    """Measure both sides in turn."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    ours: list[float] = []
    anchor: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        with contextlib.redirect_stdout(sys.stderr):
            exam = make_exam(place, starts_at="+600", count=2 * ROUNDS + 1)
        with serving(exam) as server:
            seats = _seats(exam, server.url, place)
            warm = seats.pop()
            print(f"warm-up: {_ours(server.url, warm):.0f} MB/s")
            cuts = [cut.length for cut in CutTable(warm.log.with_suffix(SUFFIX)).cuts]
            for number in range(ROUNDS):
                mine, theirs = seats.pop(), seats.pop()
                config = _config_of_curl(server.url, theirs, cuts, place / f"curl-{number}")
                if number % 2:
                    anchor.append(_curl(theirs, config))
                    ours.append(_ours(server.url, mine))
                else:
                    ours.append(_ours(server.url, mine))
                    anchor.append(_curl(theirs, config))
                print(f"round {number + 1}: ours {ours[-1]:.0f}, curl {anchor[-1]:.0f} MB/s")
    report("upload", ours, anchor, "MB/s")
    return 0


def _seats(exam: ExamHome, url: str, folder: Path) -> list[Seat]:
    with contextlib.redirect_stdout(sys.stderr):
        tickets = exam.tickets(url)
    return [_seat(url, text, folder) for text in tickets]


def _seat(url: str, text: str, folder: Path) -> Seat:
    with httpx.Client(base_url=url) as http:
        candidate = Candidate(http, text, wall_us)
        granted = candidate.log_in().get_ready().enter()
        log = new_log(candidate, granted)
    packet = os.urandom(PACKET_BYTES)
    for number in range(LOG_BYTES // PACKET_BYTES):
        log.add(Kind.PACKET, packet, 40_000 * number, Track.CAMERA, 40_000)
    path = folder / f"{granted.attempt_id}.zlog"
    path.write_bytes(log.data)
    return Seat(
        candidate.session, granted.attempt_id, from_text(granted.server_key), path, log.seal()
    )


class _Counting(EvidenceClient):
    """The real client; notices the last acknowledgement."""

    def __init__(self, wire: Wire, seat: Seat) -> None:
        super().__init__(wire, seat.session)
        self._left = seat.size
        self._lock = threading.Lock()
        self.done = threading.Event()

    def put_chunk(
        self,
        grant: Grant,
        data: Sequence[bytes],
        within_s: float = 30.0,
        pacer: Pacer | None = None,
    ) -> ChunkKept:
        """PUT one chunk and count it."""
        kept = super().put_chunk(grant, data, within_s, pacer)
        with self._lock:
            self._left -= sum(len(piece) for piece in data)
            if self._left == 0:
                self.done.set()
        return kept


def _ours(url: str, seat: Seat) -> float:
    """MB/s until the server has acknowledged the last byte."""
    wire = Wire(url)
    api = _Counting(wire, seat)
    log = FinishedLog(seat.log, seat.size)
    uploader = Uploader(log, api, lambda said: None, server_key=seat.server_key)
    uploader.finish(seat.seal)
    began_s = time.perf_counter()
    uploader.start()
    if not api.done.wait(WITHIN_S):
        raise TimeoutError("our upload did not end")
    took_s = time.perf_counter() - began_s
    uploader.stop(30)
    wire.close()
    return seat.size / took_s / 1e6


def _config_of_curl(url: str, seat: Seat, cuts: list[int], folder: Path) -> Path:
    """Write the chunks and curl's instructions; its secrets stay out of its arguments."""
    folder.mkdir()
    transfers: list[str] = []
    with seat.log.open("rb") as file:
        first = 0
        while data := file.read(cuts[len(transfers)] if len(transfers) < len(cuts) else LAST_BYTES):
            path = folder / f"{first}.chunk"
            path.write_bytes(data)
            digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
            transfers.append(
                f'url = "{url}/v1/evidence/{seat.attempt_id}/{first}"\n'
                f'upload-file = "{path}"\n'
                f'header = "Authorization: Bearer {seat.session}"\n'
                f'header = "Content-Digest: sha-256=:{digest}:"\n'
                'header = "If-None-Match: *"\nheader = "Expect:"\n'
                'output = "/dev/null"\nsilent\nfail\n'
            )
            first += len(data)
    config = folder / "config"
    config.write_text("next\n".join(transfers))
    config.chmod(0o600)
    return config


def _curl(seat: Seat, config: Path) -> float:
    """MB/s of curl with these instructions."""
    command = ["curl", "--config", str(config)]
    command += ["--parallel", "--parallel-max", str(CURL_AT_ONCE), "--no-progress-meter"]
    began_s = time.perf_counter()
    subprocess.run(command, check=True, timeout=WITHIN_S)
    return seat.size / (time.perf_counter() - began_s) / 1e6


if __name__ == "__main__":
    sys.exit(main())
